"""The gate: a request in; past it only with the right that its route needs. What is not listed is refused."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from re import Pattern
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.store.failure import Unavailable
from streams.store.not_done import Changed, Forbidden, NotDone, NotThere
from streams.web import csrf
from streams.web.problems import CODES, PageOf, Problem, answered
from streams.web.routes import UNSAFE, Rule
from streams.web.signed import Signed

log = logging.getLogger(__name__)

RETRY_S = 2  # seconds after which trying again may help

# What a request shows in, who it is out; None for nobody. Raises Problem for what is forged. It may block.
Identify = Callable[[Headers], Signed | None]


@dataclass(frozen=True)
class Way:
    """A route as the gate sees it: `pattern` fits its paths."""

    pattern: Pattern[str]
    rules: Mapping[str, Rule]  # by method


def ways(rules: Sequence[Rule]) -> tuple[Way, ...]:
    """Return the ways through the gate, in the order of their routes in the app: the first that fits counts."""
    together: dict[str, dict[str, Rule]] = {}
    for rule in rules:
        together.setdefault(rule.path, {})[rule.method] = rule
    return tuple(Way(compile_path(path)[0], of_path) for path, of_path in together.items())


class Gate:
    """Lets requests past that may pass, with who sends them as `signed` in their scope."""

    def __init__(self, app: ASGIApp, ways: tuple[Way, ...], identify: Identify, origin: str) -> None:
        self._app, self._ways, self._identify, self._origin = app, ways, identify, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; raise Problem for one that may not pass."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise Problem(404, "There is no such page.")
        rule = self._rule(scope["method"], scope["path"])
        scope["rule"] = rule
        headers = Headers(scope=scope)
        signed = None
        if rule.need != "public" or rule.page:
            signed = await to_thread.run_sync(self._identify, headers)
        if rule.need != "public":
            if signed is None:
                raise Problem(401, "Sign in first.", headers={"WWW-Authenticate": "Bearer"})
            if rule.need != "signed" and not signed.may(rule.need):
                raise Problem(403, "Your account does not have this right.")
        if rule.method in UNSAFE:
            csrf.checked(headers, self._origin, signed)
        scope["signed"] = signed
        await self._app(scope, receive, send)

    def _rule(self, method: str, path: str) -> Rule:
        allowed: list[str] = []
        for way in self._ways:
            if way.pattern.match(path):
                if method in way.rules:
                    return way.rules[method]
                allowed.extend(way.rules)
        if allowed:
            raise Problem(405, "This cannot be done here.", headers={"Allow": ", ".join(sorted(set(allowed)))})
        raise Problem(404, "There is no such page.")


class Telling:
    """Turns whatever is raised below into an answer: of a page for people, else JSON. Texts of defects stay inside."""

    def __init__(self, app: ASGIApp, page_of: PageOf | None) -> None:
        self._app, self._page_of = app, page_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await self._answer(Request(scope), problem_of(error))(scope, receive, send)

    def _answer(self, request: Request, problem: Problem) -> Response:
        rule: Rule | None = request.scope.get("rule")
        accepted = request.headers.get("accept", "")
        page = "text/html" in accepted if rule is None else rule.page and "json" not in accepted
        if not page:
            return answered(problem)
        if problem.code == CODES[401]:
            where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/sign-in?next={quote(where, safe='')}", 303)
        return answered(problem) if self._page_of is None else self._page_of(request, problem)


def problem_of(error: Exception) -> Problem:
    """Return the problem that an exception stands for."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotDone):
        return _refused(error)
    if isinstance(error, Unavailable):
        detail = "The database cannot be reached; nothing was changed. Try again."
        return Problem(503, detail, headers={"Retry-After": str(RETRY_S)})
    # The class and the place: texts of exceptions may quote content.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
    log.error("a request failed: %s at %s", type(error).__name__, place)
    return Problem(500, "This went wrong on our side. It was noted.")


def _refused(error: NotDone) -> Problem:
    """Return the problem of an act that was not done. Its text holds no content."""
    detail = f"{str(error)[:1].upper()}{str(error)[1:]}."
    match error:
        case NotThere():
            return Problem(404, detail)
        case Forbidden():
            return Problem(403, detail, more={"right": error.right})
        case Changed():
            what = [{"by": one.by, "act": one.act, "at": one.at} for one in error.what]
            return Problem(409, detail, more={"changed": {"version": error.version, "what": what}})
        case _:
            return Problem(422, detail)
