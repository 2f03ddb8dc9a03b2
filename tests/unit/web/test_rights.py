"""Who may use which route: a matrix made from the table, so that a new route is in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from streams.core.rights import OF_ROLE, ROLES
from streams.store.passwords import Passwords
from streams.web.routes import RULES, Rule
from tests.unit.web.conftest import ORIGIN, Clock, Web, parts_of, web_of

KEY: Final = "0b0c3c86-5a41-4c42-8b38-6f6d5b7e9a11"
VALUES: Final = {"user_id": "u1", "name": "somebody", "signature": "x"}


def called(client: TestClient, rule: Rule, item_id: int = 1, **headers: str) -> Any:
    """Call a route as a page would, on an item."""

    def value(part: re.Match[str]) -> str:
        return VALUES.get(part[1], str(item_id))

    path = re.sub(r"{(\w+)(?::\w+)?}", value, rule.path)
    sent = {"If-Match": '"1"', "Idempotency-Key": KEY} | headers
    body: Any = None if rule.method in {"GET", "DELETE"} else {}
    return client.request(rule.method, path, json=body, headers=sent)


@pytest.fixture(scope="module")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[Web]:
    """Return one app for the whole matrix."""
    clock = Clock()
    parts = parts_of(template, tmp_path_factory.mktemp("matrix"), passwords, clock)
    yield web_of(parts, clock)
    parts.database.close()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method} {rule.path}")
def test_a_route_opens_to_the_roles_that_have_its_right_and_to_nobody_else(shared: Web, rule: Rule) -> None:
    opened = {role: called(shared.browser(role), rule).status_code for role in ROLES}
    anonymous = called(shared.client(), rule, Origin=ORIGIN).status_code
    for role, status in opened.items():
        if rule.need in {"public", "signed"} or rule.need in OF_ROLE[role]:
            assert status not in {401, 403, 405, 500}, (role, status)
        else:
            assert status == 403, (role, status)
    if rule.need == "public":
        assert anonymous not in {403, 405, 500}
    elif rule.page:
        assert anonymous == 303
    else:
        assert anonymous == 401
