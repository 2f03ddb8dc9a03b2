"""Every route: its method, its path as the app has it, what is needed to use it. What is not listed is refused.

`public` needs nothing, `signed` an account, anything else that right of core/rights. A right is asked for once more
over each item where an act is done: a route's right says that some grant of the account holds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from streams.core.rights import Right

Need = Right | Literal["public", "signed"]


@dataclass(frozen=True)
class Rule:
    """What one route needs."""

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    need: Need
    page: bool = False  # for people: who is not signed in is sent to the sign-in page, errors are pages


RULES: Final[tuple[Rule, ...]] = (
    # The process
    Rule("GET", "/healthz", "public"),
    Rule("GET", "/readyz", "public"),
    Rule("GET", "/metrics", "public"),
    # Signing in and out
    Rule("POST", "/api/sign-in", "public"),
    Rule("POST", "/api/sign-out", "signed"),
    Rule("GET", "/sign-in/oidc", "public", page=True),
    Rule("GET", "/sign-in/callback", "public", page=True),
    Rule("GET", "/api/openapi.json", "signed"),
    Rule("GET", "/api/me", "signed"),
    Rule("POST", "/api/me/password", "signed"),
    # Items
    Rule("GET", "/api/items", "see"),
    Rule("POST", "/api/items/next", "claim"),
    Rule("GET", "/api/items/{item_id:int}", "see"),
    Rule("GET", "/api/items/{item_id:int}/similar", "see"),
    Rule("GET", "/api/conversations/{item_id:int}", "see"),
    Rule("GET", "/api/counts", "see"),
    Rule("GET", "/api/stats", "see"),
    # Acts
    Rule("POST", "/api/items/{item_id:int}/approve", "approve"),
    Rule("POST", "/api/items/{item_id:int}/override", "override"),
    Rule("POST", "/api/items/{item_id:int}/undo", "override"),
    Rule("POST", "/api/items/{item_id:int}/escalate", "escalate"),
    Rule("POST", "/api/items/{item_id:int}/deescalate", "deescalate"),
    Rule("POST", "/api/items/{item_id:int}/notes", "note"),
    Rule("POST", "/api/items/{item_id:int}/claim", "claim"),
    Rule("POST", "/api/items/{item_id:int}/release", "claim"),
    Rule("POST", "/api/items/{item_id:int}/assign", "claim"),
    Rule("POST", "/api/bulk/preview", "bulk"),
    Rule("POST", "/api/bulk", "bulk"),
    # Queues
    Rule("GET", "/api/queues", "see"),
    Rule("POST", "/api/queues", "claim"),  # who only looks saves nothing
    Rule("DELETE", "/api/queues/{queue_id:int}", "claim"),
    # Users of the platform
    Rule("POST", "/api/users/{user_id:path}/restrict", "order"),
    Rule("POST", "/api/users/{user_id:path}/release", "order"),
    Rule("POST", "/api/users/{user_id:path}/erase", "erase"),
    Rule("GET", "/api/users/{user_id:path}", "see"),
    # Audit log, accounts, tokens
    Rule("GET", "/api/audit", "audit"),
    Rule("GET", "/api/accounts", "accounts"),
    Rule("POST", "/api/accounts", "accounts"),
    Rule("PATCH", "/api/accounts/{name}", "accounts"),
    Rule("GET", "/api/tokens", "signed"),
    Rule("POST", "/api/tokens", "signed"),
    Rule("DELETE", "/api/tokens/{token_id:int}", "signed"),
    # Events
    Rule("GET", "/api/events", "see"),
    # Pictures and videos
    Rule("GET", "/api/items/{item_id:int}/media/{number:int}", "see"),
    Rule("GET", "/media/{item_id:int}/{number:int}", "see"),
    Rule("GET", "/media/{item_id:int}/{number:int}/frames/{at:int}", "see"),
    # The signature is the right: addresses on the origin of media, to which browsers send no cookie.
    Rule("GET", "/signed/{until:int}/{signature}/media/{item_id:int}/{number:int}", "public"),
    Rule("GET", "/signed/{until:int}/{signature}/media/{item_id:int}/{number:int}/frames/{at:int}", "public"),
    # Pages
    Rule("GET", "/static/{name}", "public"),
    Rule("GET", "/sign-in", "public", page=True),
    Rule("GET", "/", "see", page=True),
    Rule("GET", "/media-queue", "see", page=True),
    Rule("GET", "/queues", "see", page=True),
    Rule("GET", "/items/{item_id:int}", "see", page=True),
    Rule("GET", "/conversations/{item_id:int}", "see", page=True),
    Rule("GET", "/users/{user_id:path}", "see", page=True),
    Rule("GET", "/rules", "see", page=True),
    Rule("GET", "/audit", "audit", page=True),
    Rule("GET", "/accounts", "signed", page=True),
)

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Unruled(Exception):
    """The app and this table name different routes: it does not start."""

    exit_code: Final = 70  # EX_SOFTWARE of sysexits.h: a defect


def checked(routes: Iterable[tuple[str, str]], rules: Iterable[Rule] = RULES) -> dict[tuple[str, str], Rule]:
    """Return the rule of each (method, path) of an app; raise Unruled unless both name exactly the same routes."""
    table: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        if table.setdefault((rule.method, rule.path), rule) is not rule:
            message = f"{rule.method} {rule.path} has two rules in streams/web/routes.py: keep one"
            raise Unruled(message)
    known = set(routes)
    if missing := sorted(known - table.keys()):
        message = f"{_listed(missing)} without a rule: say in streams/web/routes.py what is needed"
        raise Unruled(message)
    if dangling := sorted(table.keys() - known):
        message = f"streams/web/routes.py rules {_listed(dangling)}, which no app has: remove the rule"
        raise Unruled(message)
    return table


def _listed(routes: list[tuple[str, str]]) -> str:
    return ", ".join(f"{method} {path}" for method, path in routes)
