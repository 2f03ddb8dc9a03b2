"""`moderation review`: the review service, and what a moderator does from a terminal."""

import click

from streams.cli.review_account import account, token
from streams.cli.review_acts import approve, escalate, note, override
from streams.cli.review_reading import list_items, show, stats
from streams.cli.review_serve import serve


@click.group()
def review() -> None:
    """Serve the review pages; look at items and rule on them from a terminal.

    The commands but serve, account and token ask the service at MODERATION_REVIEW_URL, with the API token in
    MODERATION_REVIEW_TOKEN; serve, account and token use the database in MODERATION_REVIEW_DATABASE.
    """


for _command in (serve, list_items, show, approve, override, escalate, note, stats, account, token):
    review.add_command(_command)
