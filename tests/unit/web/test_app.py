import pytest
from fastapi import APIRouter, FastAPI

from streams.web.app import built, routes_of
from streams.web.origin import WrongOrigin
from streams.web.parts import Parts
from streams.web.routes import RULES, Rule, Unruled, checked
from tests.unit.web.conftest import Web


def test_the_app_has_the_routes_of_the_table_and_no_others(given: Parts) -> None:
    assert sorted(routes_of(built(given))) == sorted((rule.method, rule.path) for rule in RULES)


def test_a_route_without_a_rule_keeps_the_app_from_starting() -> None:
    with pytest.raises(Unruled, match="GET /secret without a rule"):
        checked([("GET", "/healthz"), ("GET", "/secret")], [Rule("GET", "/healthz", "public")])


def test_a_rule_without_a_route_keeps_the_app_from_starting() -> None:
    with pytest.raises(Unruled, match="rules GET /gone"):
        checked([], [Rule("GET", "/gone", "public")])


def test_two_rules_of_one_route_keep_the_app_from_starting() -> None:
    rules = [Rule("GET", "/healthz", "public"), Rule("GET", "/healthz", "see")]
    with pytest.raises(Unruled, match="two rules"):
        checked([("GET", "/healthz")], rules)


def test_a_mount_which_the_gate_could_not_rule_is_refused() -> None:
    app = FastAPI(openapi_url=None)
    app.mount("/static", FastAPI())
    with pytest.raises(TypeError, match="no plain route"):
        routes_of(app)


def test_an_included_router_which_the_gate_could_not_see_is_refused() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()
    router.add_api_route("/", lambda: None)
    app.include_router(router)
    with pytest.raises(TypeError, match="no plain route"):
        routes_of(app)


@pytest.mark.parametrize("origin", ["http://review.example.org", "https://a/b", "ftp://a", "https://u@a", "a", ""])
def test_an_origin_that_would_send_passwords_in_the_clear_or_is_none_is_refused(given: Parts, origin: str) -> None:
    with pytest.raises(WrongOrigin):
        built(Parts(given.database, given.clock, origin, given.metrics, passwords=given.passwords))


def test_health_readiness_and_metrics_need_no_account(web: Web) -> None:
    client = web.client()
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"
    assert "moderation_build_info" in client.get("/metrics").text
