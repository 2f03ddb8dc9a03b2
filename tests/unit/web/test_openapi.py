"""The API against its own document: what schemathesis makes of it is answered as the document says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from streams.store.batch import Batch
from streams.store.passwords import Passwords
from streams.store.tables import item
from streams.store.taking import take
from streams.web.app import built
from streams.web.routes import RULES
from tests.unit.store.records import decision, message, read
from tests.unit.web.conftest import NOW, Clock, Web, parts_of, web_of

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SETTINGS: Final = hypothesis.settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture(scope="module")
def app(template: Path, tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[Any]:
    """Return the app on a store with an item."""
    parts = parts_of(template, tmp_path_factory.mktemp("document"), passwords, Clock())
    with parts.database.writing() as connection:
        batch = Batch(decisions=read(decision("m1")), messages=read(message("m1"), topic="messages"))
        take(connection, batch, NOW)
        assert connection.execute(select(item.c.id)).scalar_one() == 1
    yield built(parts)
    parts.database.close()


def test_the_document_names_every_route_of_the_api_once(web: Web) -> None:
    document = web.browser("auditor").get("/api/openapi.json").json()
    named = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    wanted = {
        (rule.method, rule.path) for rule in RULES if rule.path.startswith("/api/") and "openapi" not in rule.path
    }
    assert named >= {(method, plain(path)) for method, path in wanted}
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    assert all(one["tags"] for methods in document["paths"].values() for one in methods.values())
    for methods in document["paths"].values():
        for one in methods.values():
            errors = {status for status in one["responses"] if status >= "400"}
            assert not one["security"] or {"401", "403"} & errors


def plain(path: str) -> str:
    """Return a path as the document has it."""
    return path.replace(":int}", "}").replace(":path}", "}")


@pytest.mark.parametrize(("mode", "examples"), [(GenerationMode.POSITIVE, 3), (GenerationMode.NEGATIVE, 2)])
def test_answers_are_as_the_document_says(app: Any, mode: GenerationMode, examples: int) -> None:
    token = web_of(app.state.parts, Clock()).program("admin").headers["Authorization"]
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"Authorization": token})
    statuses: set[int] = set()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        asks = any((*operation.path_parameters, *operation.query, *operation.headers, *operation.body))
        if mode is GenerationMode.NEGATIVE and not asks:
            continue  # nothing can be wrong where nothing is asked for

        @hypothesis.settings(SETTINGS, max_examples=examples)
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: schemathesis.Case[Any]) -> None:
            if mode is GenerationMode.POSITIVE and "item_id" in case.path_parameters:
                case.path_parameters["item_id"] = 1
            answer = case.call(headers={"Authorization": token})
            statuses.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        answered()
    assert not statuses & {500, 501, 401}
    assert statuses & ({200, 404, 409} if mode is GenerationMode.POSITIVE else {400, 422})
