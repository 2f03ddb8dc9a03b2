"""What executors do, and where: closed sets that policies and records share."""

from typing import Final, Literal

Sink = Literal["s3", "sns", "dynamodb", "webhook"]
# s3: keep (undo what lies elsewhere, take tags off), tag, quarantine, delete. sns: notify. dynamodb: record.
# webhook: post.
Work = Literal["keep", "tag", "quarantine", "delete", "notify", "record", "post"]

# Of a decision's works on stored objects the strongest is done: one object cannot lie in two places.
STORED_STRENGTH: Final[dict[Work, int]] = {"keep": 0, "tag": 1, "quarantine": 2, "delete": 3}
