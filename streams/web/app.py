"""The app: everything outside of it in, a FastAPI application out. The only place where its routes and guards meet."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request

from streams import __version__
from streams.web import (
    api_accounts,
    api_acts,
    api_audit,
    api_bulk,
    api_events,
    api_items,
    api_media,
    api_process,
    api_queues,
    api_stats,
    api_tokens,
    api_users,
    media,
    pages,
    sign_in,
    sign_in_oidc,
)
from streams.web.asked import LACKING
from streams.web.gate import Gate, Telling, ways
from streams.web.identify import identify
from streams.web.live import Live
from streams.web.origin import checked_origin
from streams.web.pages_template import problem_page
from streams.web.parts import Parts
from streams.web.problems import PageOf, Problem
from streams.web.routes import checked
from streams.web.security import Body, Headers, headers_of

# Every router of the app, in the order in which paths are tried. A router here is a list of routes, never a mount.
ROUTERS: Final[tuple[APIRouter, ...]] = (
    api_process.router,
    sign_in.router,
    sign_in_oidc.router,
    api_items.router,
    api_acts.router,
    api_bulk.router,
    api_queues.router,
    api_users.router,
    api_audit.router,
    api_accounts.router,
    api_tokens.router,
    api_stats.router,
    api_events.router,
    api_media.router,
    media.router,
    *pages.ROUTERS,
)
# How pages show a problem.
PAGE_OF: Final[PageOf | None] = problem_page


def built(parts: Parts) -> FastAPI:
    """Return the app; raise Unruled where a route has no rule, WrongOrigin for an origin that is none."""
    own = None if parts.media_origin is None else checked_origin(parts.media_origin)
    parts = replace(parts, origin=checked_origin(parts.origin), media_origin=own)
    app = FastAPI(
        title="Moderation review",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # /api/openapi.json is a route like the others
        redirect_slashes=False,
    )
    app.state.parts = parts
    app.state.live = Live(parts)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    rules = checked(routes_of(app))
    known = [rules[route] for route in routes_of(app)]
    app.exception_handler(RequestValidationError)(_wrong)
    app.exception_handler(HTTPException)(_problem)
    # From the inside out: what is added last sees a request first.
    app.add_middleware(Body, limit=parts.limits.body, time_ms=parts.limits.body_time)
    known_by = identify(parts, sign_in_oidc.vouched(parts))
    app.add_middleware(Gate, ways=ways(known), identify=known_by, origin=parts.origin)
    app.add_middleware(Telling, page_of=PAGE_OF)
    app.add_middleware(Headers, headers=headers_of(parts))
    return app


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return (method, path) of every route of an app, in the order in which they are tried."""
    return list(_routes_of(app.routes))


def _routes_of(routes: Any) -> Iterator[tuple[str, str]]:
    for route in routes:
        if not isinstance(route, APIRoute):
            message = f"{type(route).__name__} is no plain route: the gate could not rule it"
            raise TypeError(message)
        for method in sorted(route.methods or ()):
            yield method, route.path


async def _wrong(_: Request, error: Exception) -> Any:
    assert isinstance(error, RequestValidationError)  # noqa: S101  it is registered for these
    for one in error.errors():
        if one["type"] == "missing" and one["loc"][0] == "header" and one["loc"][1] in LACKING:
            status, detail = LACKING[str(one["loc"][1])]
            raise Problem(status, detail) from None
    wrong = [{"field": ".".join(map(str, one["loc"])), "detail": one["msg"]} for one in error.errors()]
    raise Problem(422, "Something that was sent is wrong; each thing is listed.", more={"wrong": wrong}) from None


async def _problem(_: Request, error: Exception) -> Any:
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for these
    raise Problem(error.status_code, str(error.detail), headers=error.headers) from None
