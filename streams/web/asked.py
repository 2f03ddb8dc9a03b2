"""What requests say, as types that check it: ids, versions, filters. What is not known is an error."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from fastapi import Depends, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from streams.core.label import Kind, Severity
from streams.core.queue_filter import Filter

LARGEST: Final = 2**63 - 1  # what a row can be numbered

ItemId = Annotated[int, Path(ge=1, le=LARGEST, description="of the item")]

# No database keeps the character 0.
Clean = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Word = Annotated[Clean, StringConstraints(max_length=256)]
Id = Annotated[Clean, StringConstraints(min_length=1, max_length=256)]
Words = Annotated[list[Word], Field(max_length=50)]
UserId = Annotated[Id, Path(description="of the user")]
Milliseconds = Annotated[int, Field(ge=0, le=253_402_300_799_999, description="milliseconds since 1970")]
Cursor = Annotated[Word | None, Field(description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=200, description="most rows of the answer")]


class Body(BaseModel):
    """The JSON object that a request carries."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Asked(BaseModel):
    """A filter of items: values of one field are alternatives, fields are joined by `and`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    status: Literal["open", "closed", "all"] = "open"
    labels: Words = []
    severities: Annotated[list[Severity | Literal["none"]], Field(max_length=5)] = []
    min_confidence: float | None = Field(None, ge=0, le=100)
    max_confidence: float | None = Field(None, ge=0, le=100)
    actions: Words = []
    engines: Words = []
    rules: Annotated[Words, Field(description="`engine.rule`, or `rule`")] = []
    kinds: Annotated[list[Kind], Field(max_length=6)] = []
    tenants: Words = []
    user: Word | None = None
    conversation: Word | None = None
    content: Word | None = None
    languages: Words = []
    policy: Word | None = None
    assigned: Word | None = Field(None, description="an account; `nobody`")
    claimed: Literal["nobody", "anybody", "me"] | None = None
    escalated: bool | None = None
    since: Milliseconds | None = None
    until: Milliseconds | None = None
    text: Word | None = Field(None, description="words that its text holds, all of them")
    media: bool = False

    def filter(self, saved: Filter | None = None) -> Filter:
        """Return what is asked for, as the store takes it; over a saved filter where one is named."""
        said = self.model_dump(include=self.model_fields_set & _FIELDS)
        return msgspec.convert(msgspec.to_builtins(saved or Filter()) | said, Filter)


class ItemsAsked(Asked):
    """A page of items."""

    queue: int | None = Field(None, ge=1, le=LARGEST, description="a saved queue; other fields stand in for its own")
    cursor: Cursor = None
    limit: Limit = 50


_FIELDS: Final = frozenset(Filter.__struct_fields__)
FilterAsked = Annotated[ItemsAsked, Query()]


def seen_version(
    if_match: Annotated[str, Header(pattern=r'^"[0-9]{1,9}"$', description="the ETag of the item that was seen")],
) -> int:
    """Return the version that somebody saw."""
    return int(if_match[1:-1])


def act_id(
    idempotency_key: Annotated[UUID, Header(description="names the act: the same one twice is one act")],
) -> str:
    """Return the id of an act."""
    return str(idempotency_key)


SeenVersion = Annotated[int, Depends(seen_version)]
ActId = Annotated[str, Depends(act_id)]

# Headers whose lack says more than that something is wrong.
LACKING: Final[Mapping[str, tuple[int, str]]] = {
    "if-match": (428, "Say which version you saw: If-Match is the ETag of the item."),
    "idempotency-key": (400, "Name the act: Idempotency-Key is a UUID that you make for it."),
}
