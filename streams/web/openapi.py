"""The OpenAPI document: the routes, the values of the store, how to show who one is, what errors say."""

from copy import deepcopy
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import FastAPI

from streams.web.csrf import HEADER
from streams.web.encoding import answers
from streams.web.identify import PLAIN_COOKIE, SECURE_COOKIE
from streams.web.parts import Parts
from streams.web.problems import PROBLEM
from streams.web.routes import RULES, UNSAFE

JSON: Final = "application/json"
TOLD: Final = "#/components/schemas/Told"
# Errors of every route that needs an account, and of every route that changes something.
SIGNED: Final = (401, 403, 503)
CHANGING: Final = (400, 403, 408, 413, 415, 422)


def documented(app: FastAPI) -> dict[str, Any]:
    """Return the document of an app; raise ValueError where two types have one name."""
    known: dict[str, Any] | None = getattr(app.state, "document", None)
    if known is None:
        known = app.state.document = _made(app)
    return known


def _made(app: FastAPI) -> dict[str, Any]:
    document = deepcopy(app.openapi())
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in answers.schemas().items():
        if schemas.setdefault(name, schema) != schema:
            message = f"two types of the API are called {name}: rename one"
            raise ValueError(message)
    parts = cast("Parts", app.state.parts)
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "an API token, or a JWT of the issuer"},
        "session": {"type": "apiKey", "in": "cookie", "name": SECURE_COOKIE if parts.secure else PLAIN_COOKIE},
        "csrf": {"type": "apiKey", "in": "header", "name": HEADER, "description": "with a session, for every change"},
    }
    public = {(rule.method, _plain(rule.path)) for rule in RULES if rule.need == "public"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            verb = method.upper()
            _completed(operation, public=(verb, path) in public, unsafe=verb in UNSAFE, named="{" in path)
    return document


def _completed(operation: dict[str, Any], *, public: bool, unsafe: bool, named: bool) -> None:
    session: dict[str, list[str]] = {"session": [], "csrf": []} if unsafe else {"session": []}
    operation["security"] = [] if public else [{"bearer": []}, session]
    for status in (*(() if public else SIGNED), *(CHANGING if unsafe else ()), *((404,) if named else ())):
        answer = operation["responses"].setdefault(str(status), {"description": HTTPStatus(status).phrase})
        answer.setdefault("content", {}).setdefault(PROBLEM, {"schema": {"$ref": TOLD}})
    for status, answer in operation["responses"].items():
        if status >= "400" and PROBLEM in answer.get("content", {}):
            answer["content"].pop(JSON, None)


def _plain(path: str) -> str:
    """Return a route's path as the document has it: `{item_id:int}` is `{item_id}` there."""
    return "/".join(
        f"{part.partition(':')[0]}}}" if part.startswith("{") and ":" in part else part for part in path.split("/")
    )
