"""What went wrong, as an answer: a status, a code that programs read and a sentence that people read."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PROBLEM: Final = "application/problem+json"

# A code for every status that is answered where nothing says more.
CODES: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_there",
    405: "wrong_method",
    408: "too_slow",
    409: "changed",
    413: "too_large",
    415: "not_json",
    422: "wrong",
    428: "version_missing",
    429: "too_often",
    500: "defect",
    502: "provider_failed",
    503: "unavailable",
}


class Problem(Exception):
    """An answer that is none: raised anywhere below the gate, told by `answered`."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.code = code or CODES.get(status, "bad_request")
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def __str__(self) -> str:
        """Show the code only: a detail may name what a client sent."""
        return f"{self.status} {self.code}"


class Wrong(BaseModel):
    """One thing that is wrong with what was sent."""

    field: str = Field(description="where, as a path: `body.reason`")
    detail: str


class Told(BaseModel):
    """The body of every answer that is an error."""

    model_config = ConfigDict(extra="allow")

    error: str = Field(description="a code that stays")
    detail: str = Field(description="one sentence for a person")
    wrong: list[Wrong] | None = Field(None, description="of 422: each thing that is wrong")
    changed: dict[str, Any] | None = Field(None, description="of 409: what is different from what was seen")


# How a page shows a problem; without it a page's problem is JSON like any other.
PageOf = Callable[[Request, Problem], Response]


def answered(problem: Problem) -> JSONResponse:
    """Return the JSON answer that tells a problem."""
    body = {"error": problem.code, "detail": problem.detail, **problem.more}
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=PROBLEM)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of errors with these statuses."""
    schema = {"schema": {"$ref": "#/components/schemas/Told"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "model": Told, "content": {PROBLEM: schema}}
        for status in statuses
    }


def refused() -> Problem:
    """Return the problem of a token that opens nothing; it does not say why."""
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, "This token opens nothing here.", code="invalid_token", headers=headers)
