"""`moderation user`: what lies upon a user, and orders about him, each of which waits until it is carried out."""

import re
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import msgspec

from streams.core.duration import duration_ms
from streams.core.moment import iso

if TYPE_CHECKING:
    from streams.core.standing_state import StandingState
    from streams.core.verdict import Order

PATIENCE: Final = 15.0  # seconds: a worker that is started again while it is asked takes ten
PERIOD: Final = re.compile(r"[1-9][0-9]{0,5}[smhd]")
LONGEST: Final = 3650 * 86_400_000  # milliseconds: ten years

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def user() -> None:
    """Show what lies upon a user, restrict and release him, take strikes back."""


def ordering(command: F) -> F:
    """Add the options of every order."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="What is known afterwards, as one JSON object."),
        click.option(
            "--wait",
            type=click.FloatRange(min=0, min_open=True, max=3600),
            default=PATIENCE,
            show_default=True,
            help="Seconds in which it must be carried out.",
        ),
        click.option("--by", help="Who orders it; you, without it."),
        click.option("--why", help="Why; kept with a restriction.", default=None),
        click.argument("user_id", metavar="ID"),
    ):
        command = option(command)
    return command


def period(_context: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    """Return a period such as `7d` in milliseconds; raise BadParameter for anything else."""
    if text is None:
        return None
    if not PERIOD.fullmatch(text) or duration_ms(text) > LONGEST:
        raise click.BadParameter(f"{text} is no period: write 30m, 12h or 7d, at most ten years")
    return duration_ms(text)


@user.command()
@click.argument("user_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; null where nothing is known.")
def show(user_id: str, as_json: bool) -> None:
    """Show strikes, restrictions, trust and violations of a user."""
    from streams.adapters.standing_log import state_of
    from streams.settings import Settings

    _show(user_id, state_of(Settings(), user_id), as_json=as_json)


@user.command()
@click.option("--for", "lasts", callback=period, help="How long, such as 30m, 12h, 7d; until released without it.")
@click.option("--mute", is_flag=True, help="Block what he sends; without it he alone sees it.")
@ordering
def restrict(
    user_id: str, lasts: int | None, mute: bool, why: str | None, by: str | None, wait: float, as_json: bool
) -> None:
    """Keep a user from being heard."""
    more: dict[str, Any] = {"restriction": "mute" if mute else "restrict"}
    if lasts is not None:
        more["until"] = _now() + lasts
    _order("restrict", user_id, why, by, wait, as_json=as_json, **more)


@user.command()
@ordering
def release(user_id: str, why: str | None, by: str | None, wait: float, as_json: bool) -> None:
    """Lift every restriction of a user; his strikes stay."""
    _order("release", user_id, why, by, wait, as_json=as_json)


@user.command()
@ordering
def trust(user_id: str, why: str | None, by: str | None, wait: float, as_json: bool) -> None:
    """Have a user count as a trusted author, whatever the platform says."""
    _order("trust", user_id, why, by, wait, as_json=as_json)


@user.command()
@ordering
def distrust(user_id: str, why: str | None, by: str | None, wait: float, as_json: bool) -> None:
    """Have a user count as no trusted author, whatever the platform says."""
    _order("distrust", user_id, why, by, wait, as_json=as_json)


@user.command()
@ordering
@click.argument("content_id", metavar="CONTENT_ID")
def withdraw(user_id: str, content_id: str, why: str | None, by: str | None, wait: float, as_json: bool) -> None:
    """Take back what a content led to: its strike, and restrictions of the ladder that rest on it."""
    _order("withdraw", user_id, why, by, wait, as_json=as_json, content_id=content_id)


@user.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@ordering
def forget(user_id: str, yes: bool, why: str | None, by: str | None, wait: float, as_json: bool) -> None:
    """Erase all that is known of a user, restrictions included."""
    if not yes:
        click.confirm(f"erase strikes, restrictions and history of {user_id}?", abort=True)
    _order("forget", user_id, why, by, wait, as_json=as_json)


def _now() -> int:
    return int(time.time() * 1000)


def _order(
    what: "Order", user_id: str, why: str | None, by: str | None, wait: float, *, as_json: bool, **more: Any
) -> None:
    from streams.adapters.standing_log import carried_out
    from streams.cli.policy_apply import who
    from streams.core.verdict import StandingOrder
    from streams.settings import Settings

    order = StandingOrder(user_id, uuid.uuid4().hex, what, _now(), who(by, None).by, why, **more)
    try:
        msgspec.convert(msgspec.to_builtins(order), StandingOrder)
    except msgspec.ValidationError as error:
        raise click.UsageError(f"{error}: ids and reasons have at most 256 characters") from None
    _show(user_id, carried_out(Settings(), order, wait), as_json=as_json)


def _show(user_id: str, state: "StandingState | None", *, as_json: bool) -> None:
    from streams.core.standing_state import pruned, standing_of, weight

    if state is None:
        print("null" if as_json else f"nothing is known of {user_id}")
        return
    now = _now()
    state = pruned(state, now)
    standing = standing_of(state)
    if as_json:
        print(msgspec.json.encode(standing).decode())
        return
    trusted = {None: "as the platform says", True: "yes", False: "no"}[standing.trusted]
    print(f"{user_id}: {weight(state)} strikes, {standing.violations} violations of all time, trusted: {trusted}")
    for one in standing.restrictions:
        end = "until released" if one.until is None else f"until {iso(one.until)}"
        print(f"  {one.kind} since {iso(one.since)} {end} by {one.by}{f': {one.why}' if one.why else ''}")
    for strike in standing.strikes:
        end = "" if strike.until is None else f", expires {iso(strike.until)}"
        print(f"  strike {strike.content_id}: {strike.label} x {strike.weight} at {iso(strike.at)}{end}")
    for past in standing.past:
        print(f"  violation {past.content_id}: {past.label}, {past.action} at {iso(past.at)}, {past.ended}")
