"""Values of the store in, JSON out; and the schemas of these values, for the OpenAPI document.

The store's own values are told as they are: one list of fields, and msgspec writes a page of 200 rows in less than a
millisecond.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from pydantic import BaseModel, Field
from starlette.responses import Response

from streams.core.rights import Grant, Role

JSON: Final = "application/json"
REF: Final = "#/components/schemas/{name}"

_encoder: Final = msgspec.json.Encoder()


def told(value: Any, status: int = 200, *, version: int | None = None) -> Response:
    """Return a value as a JSON answer; with the version of an item, as ETag, for who wants to act on what he saw."""
    headers = {} if version is None else {"ETag": f'"{version}"'}
    return Response(_encoder.encode(value), status, headers, JSON)


class Answers:
    """The types that routes answer with, for the document."""

    def __init__(self) -> None:
        self._types: list[Any] = []

    def __call__(self, kind: Any, status: int = 200, text: str = "As asked") -> dict[int | str, dict[str, Any]]:
        """Return what the document says of an answer of a type."""
        if kind not in self._types:
            self._types.append(kind)
        reference = {"$ref": REF.format(name=kind.__name__)}
        return {status: {"description": text, "content": {JSON: {"schema": reference}}}}

    def schemas(self) -> dict[str, Any]:
        """Return the schemas of all types, by name."""
        _, components = msgspec.json.schema_components(self._types, ref_template=REF)
        return components


answers: Final = Answers()


class GrantTold(BaseModel):
    """A role, for all content or for that of some tenants and labels only."""

    role: Role
    tenants: list[str] | None = Field(None, description="none: all; the empty id is content without a tenant")
    labels: list[str] | None = Field(None, description="none: all")


def granted(grants: Iterable[Grant]) -> list[GrantTold]:
    """Return grants as the API tells them."""
    return [
        GrantTold(
            role=grant.role,
            tenants=None if grant.tenants is None else list(grant.tenants),
            labels=None if grant.labels is None else list(grant.labels),
        )
        for grant in grants
    ]
