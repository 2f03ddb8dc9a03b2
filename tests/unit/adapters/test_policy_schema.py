from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from streams.adapters.policies import DEFAULT, PolicyErrors, load
from streams.adapters.policy_schema import policy_schema
from streams.adapters.strict_yaml import parsed
from streams.core.policy import Document
from streams.engines.catalog import APART, BUILT_IN, JOBS, PICTURES

STORIES = Path(__file__).parents[2] / "stories"
SMALL: dict[str, Any] = {"id": "chat", "engines": {"pii": None}}
LIST = {"name": "words", "terms": ["one"]}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return policy_schema()


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def written() -> list[Any]:
    """Return every policy that a story has."""
    stories = [story for file in sorted(STORIES.glob("*.yaml")) for story in yaml.safe_load(file.read_text("utf-8"))]
    named = [policy for story in stories for policy in (story.get("policy"), *story.get("policies", ()))]
    return [policy for policy in named if isinstance(policy, dict)]


def test_the_shipped_policies_hold(validator: Draft202012Validator, root: Path) -> None:
    for file in (DEFAULT, *sorted((root / "tests" / "system").glob("*.yaml"))):
        assert list(validator.iter_errors(parsed(file.read_text("utf-8")))) == [], file.name


def test_what_the_stories_write_holds(validator: Draft202012Validator) -> None:
    policies = written()
    assert len(policies) > 10
    for policy in policies:
        assert list(validator.iter_errors(policy)) == [], policy["id"]


@pytest.mark.parametrize(
    "more",
    [
        {"rules": [{"name": "strangers", "when": "!user.trusted", "action": "remove", "why": "a trial"}]},
        {"exempt": [{"role": "admin"}, {"trusted": True, "except_labels": ["child_safety"]}]},
        {"mode": "shadow", "notices": {"fr": {"default": "Pas ici."}}},
        {"engines": {"pii": {"types": {"card": "mask", "ip": "off"}}, "text_model": {"labels": {"scam": "flag"}}}},
        {"engines": {"solicitation": {"rules": {}}, "comprehend": {"region": "eu-west-1"}}},
        {"standing": {"strikes": {"expire": "30d"}}},
    ],
)
def test_every_way_to_write_it_holds(validator: Draft202012Validator, more: dict[str, Any]) -> None:
    assert list(validator.iter_errors(SMALL | more)) == []


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"ruels": []}, []),
        ({"engines": {"blocklits": {}}}, ["engines"]),
        ({"engines": {"blocklist": {"lists": [LIST | {"action": "blok"}]}}}, ["engines", "blocklist"]),
        ({"rules": [{"name": "one"}]}, ["rules", 0]),
        ({"rules": [{"name": "one", "when": "true", "mode": "test"}]}, ["rules", 0, "mode"]),
        ({"deadline": "soon"}, ["deadline"]),
        ({"exempt": [{"rôle": "admin"}]}, ["exempt", 0]),
    ],
)
def test_a_slip_is_seen_where_it_is(validator: Draft202012Validator, more: dict[str, Any], path: list[Any]) -> None:
    assert [list(error.absolute_path) for error in validator.iter_errors(SMALL | more)] == [path]


def test_it_names_itself_all_engines_and_what_each_section_is_for(schema: dict[str, Any]) -> None:
    assert schema["$id"] == "urn:moderation-streams:policy"
    assert set(schema["properties"]["engines"]["properties"]) == {*BUILT_IN, *APART, *PICTURES, *JOBS}
    assert set(schema["properties"]) == set(Document.model_fields)
    assert all(section["description"] for section in schema["properties"].values())
    assert schema["additionalProperties"] is False


def test_a_line_for_an_editor_does_not_change_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "chat.yaml"
    file.write_text("id: chat\nengines: {pii: {}}\n", "utf-8")
    version = load(file).policy.ref
    file.write_text("# yaml-language-server: $schema=policy.schema.json\nid: chat\nengines: {pii: {}}\n", "utf-8")
    assert load(file).policy.ref == version


def test_what_the_schema_refuses_the_loader_refuses_too(tmp_path: Path) -> None:
    file = tmp_path / "chat.yaml"
    file.write_text("id: chat\nengines: {pii: {}}\nruels: []\n", "utf-8")
    with pytest.raises(PolicyErrors, match="ruels: unknown key: did you mean rules"):
        load(file)
