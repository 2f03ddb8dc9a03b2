"""What the templates of pages are rendered with: markup is escaped everywhere, a name that is not there is an error."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streams.core.action import ACTIONS
from streams.core.label import KINDS
from streams.core.moment import iso
from streams.core.rights import RIGHTS, Right
from streams.web.pages_static import FILES
from streams.web.parts import parts
from streams.web.problems import Problem
from streams.web.signed import Signed
from streams.web.view_words import age, percent, words

# Of every page: a browser gets them at once, not one for the sake of another.
SCRIPTS: Final = tuple(name for name in FILES if name.endswith(".js") and name != "sign_in.js")
ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
ENVIRONMENT.filters |= {"age": age, "iso": iso, "percent": percent, "words": words}
ENVIRONMENT.globals |= {"actions": ACTIONS, "kinds": KINDS, "scripts": SCRIPTS}


class Link(Struct, frozen=True):
    """A page that the head of every page leads to."""

    key: str
    name: str
    href: str


LINKS: Final[tuple[tuple[Link, Right | None], ...]] = (
    (Link("queue", "Queue", "/"), "see"),
    (Link("media", "Media", "/media-queue"), "see"),
    (Link("rules", "Rules", "/rules"), "see"),
    (Link("queues", "Saved queues", "/queues"), "see"),
    (Link("audit", "Audit", "/audit"), "audit"),
    (Link("accounts", "Accounts", "/accounts"), None),
)


class Shell(Struct, frozen=True):
    """What stands around the content of a page."""

    here: str
    account: str
    csrf: str
    may: frozenset[Right]
    pages: tuple[Link, ...]


def rendered(
    request: Request,
    template: str,
    here: str,
    view: Struct,
    signed: Signed,
    *,
    tenant: str | None = None,
    labels: Iterable[str] | None = None,
    **more: Any,
) -> HTMLResponse:
    """Return a page; what its reader may do is told for an item of a tenant with labels, where they are given."""
    found = None if labels is None else tuple(labels)
    shell = Shell(
        here=here,
        account=signed.account,
        csrf=signed.csrf,
        may=frozenset(right for right in RIGHTS if signed.may(right, tenant, found)),
        pages=tuple(link for link, right in LINKS if right is None or signed.may(right)),
    )
    now = parts(request).clock()
    return HTMLResponse(ENVIRONMENT.get_template(template).render(view=view, shell=shell, now=now, **more))


class Told(Struct, frozen=True):
    """A problem as a page tells it."""

    title: str
    detail: str


TITLES: Final = {403: "Not allowed", 404: "Not there", 503: "Not now"}


def problem_page(_: Request, problem: Problem) -> HTMLResponse:
    """Return the page that tells a person of a problem."""
    view = Told(TITLES.get(problem.status, "Not done"), problem.detail)
    page = ENVIRONMENT.get_template("problem.html").render(view=view)
    return HTMLResponse(page, problem.status, headers=problem.headers)
