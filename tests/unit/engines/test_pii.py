import hashlib
import hmac
import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.core.engine import Refused, Text
from streams.core.finding import Answer, reported
from streams.core.span import masked
from streams.engines.pii import MOST_SPANS, SEVERITY, WHY, Pii, PiiConfig
from streams.pii.detector import ORDER

# One value of each type, in a text that names it.
VALUES = {
    "url_credentials": ("https://{}@example.com/", "jane:s3cret"),
    "email": ("write to {}", "jane.roe@example.com"),
    "wallet": ("send to {}", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    "iban": ("pay {}", "GB82WEST12345698765432"),
    "card": ("card {}", "4111 1111 1111 1111"),
    "ip": ("host {}", "192.168.17.23"),
    "national_id": ("ssn {}", "536-90-4399"),
    "bank_routing": ("routing number {}", "121000358"),
    "document": ("my passport is {}", "A12803456"),
    "phone": ("call {}", "(415) 555-0132"),
    "address": ("i am at {}", "1600 Pennsylvania Avenue"),
}
SECRET = b"a key of thirty-two random bytes"


def built(**config: Any) -> Pii:
    """Return an engine from a raw configuration."""
    return Pii(PiiConfig.model_validate(config))


def answer(text: str, engine: Pii) -> Answer:
    """Return what an engine answers for one text."""
    (only,) = engine.inspect([Text(text)])
    return only


ENGINE = built()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Return a file that holds a key."""
    file = tmp_path / "key"
    file.write_bytes(SECRET + b"\n")
    return file


@pytest.mark.parametrize("kind", ORDER)
def test_each_type_is_found_by_the_rule_of_its_name_with_its_exact_span(kind: str) -> None:
    frame, value = VALUES[kind]
    text = frame.format(value)
    (finding,) = answer(text, ENGINE).findings

    assert (finding.label, finding.rule, finding.severity) == ("pii", kind, SEVERITY[kind])
    assert [text[slice(*evidence.span or ())] for evidence in finding.evidence] == [value]
    assert answer(text, ENGINE).scores == {"pii": 1.0}


def test_evidence_names_the_exact_kind() -> None:
    (finding,) = answer("my ssn is 536-90-4399", ENGINE).findings

    assert [evidence.entity for evidence in finding.evidence] == ["us_ssn"]


def test_without_a_word_of_configuration_every_type_is_searched() -> None:
    assert {rule.name: rule.action for rule in ENGINE.rules} == {
        "url_credentials": "mask",
        "email": "mask",
        "wallet": "flag",
        "iban": "mask",
        "card": "mask",
        "ip": "allow",
        "national_id": "mask",
        "bank_routing": "flag",
        "document": "mask",
        "phone": "mask_flag",
        "address": "flag",
    }
    assert all(rule.label == "pii" and rule.why and rule.mode == "enforce" for rule in ENGINE.rules)


def test_every_type_has_a_severity_and_a_why() -> None:
    assert set(SEVERITY) == set(WHY) == set(ORDER) == set(VALUES)


def test_a_type_is_an_action_or_a_mapping_or_off() -> None:
    engine = built(
        types={
            "email": "block",
            "phone": {"action": "flag", "severity": "high", "mode": "shadow", "escalate": True, "why": "not here"},
            "card": "off",
            "iban": None,
        }
    )
    rules = {rule.name: rule for rule in engine.rules}

    assert (rules["email"].action, rules["email"].severity, rules["email"].why) == ("block", "low", WHY["email"])
    assert (rules["phone"].action, rules["phone"].severity, rules["phone"].mode) == ("flag", "high", "shadow")
    assert (rules["phone"].escalate, rules["phone"].why) == (True, "not here")
    assert rules.keys() == set(ORDER) - {"card", "iban"}
    assert answer("card 4111 1111 1111 1111", engine).findings == ()


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"types": {"names": "mask"}}, "names"),
        ({"types": {"email": "hide"}}, "hide"),
        ({"types": {"email": {"severity": "huge"}}}, "severity"),
        ({"regions": []}, "regions"),
        ({"regions": ["us"]}, "regions"),
        ({"hash": {"key_file": "/k", "key_id": "a b"}}, "key_id"),
        ({"hash": {"key_id": "a"}}, "key_file"),
    ],
)
def test_a_slip_in_the_configuration_is_named(config: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        PiiConfig.model_validate(config)


def test_a_region_without_phones_and_an_engine_without_types_are_refused() -> None:
    with pytest.raises(Refused, match=r"regions\[1\]: has no phone numbers"):
        built(regions=["GB", "XX"])
    with pytest.raises(Refused, match="types: every type is off"):
        built(types=dict.fromkeys(ORDER, "off"))


def test_phones_are_those_of_the_regions() -> None:
    assert answer("07400 123456", built(regions=["GB"])).findings
    assert not answer("07400 123456", built(regions=["US"])).findings


def test_spans_are_at_most_fifty_and_the_last_covers_the_rest(key_file: Path) -> None:
    text = " ".join(f"a{number}@example.com" for number in range(60))
    engine = built(hash={"key_file": str(key_file), "key_id": "k"})
    (finding,) = answer(text, engine).findings
    evidence = finding.evidence

    assert len(evidence) == MOST_SPANS
    assert evidence[-1].span is not None
    assert evidence[-1].span[1] == len(text)
    assert evidence[-1].hash is None
    assert all(each.hash for each in evidence[:-1])
    assert "@" not in masked(text, [each.span for each in evidence if each.span])


def test_without_a_key_there_is_no_hash() -> None:
    (finding,) = answer("write to jane@example.com", ENGINE).findings

    assert finding.evidence[0].hash is None


def test_with_a_key_a_value_has_the_same_hash_however_it_is_written(key_file: Path) -> None:
    engine = built(hash={"key_file": str(key_file), "key_id": "2026-01"})
    digest = "2026-01:" + hmac.new(SECRET, b"4111111111111111", hashlib.sha256).hexdigest()

    for text in ("4111 1111 1111 1111", "my card: 4111111111111111", "4\u200b111-1111-1111-1111"):
        assert [each.hash for finding in answer(text, engine).findings for each in finding.evidence] == [digest]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "cannot be read: No such file"), (b"short\n", "holds 5 bytes"), (b"x" * 5000, "holds 4097 bytes")],
)
def test_a_key_that_cannot_be_used_is_told_at_the_start(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(Refused, match=f"hash.key_file: {complaint}"):
        built(hash={"key_file": str(file), "key_id": "k"})


def test_the_path_of_a_key_is_absolute() -> None:
    with pytest.raises(Refused, match=r"hash\.key_file: is relative"):
        built(hash={"key_file": "key", "key_id": "k"})


@pytest.mark.parametrize("kind", ORDER)
def test_no_evidence_repr_report_or_log_holds_a_value_or_the_key(
    kind: str, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frame, value = VALUES[kind]
    engine = built(hash={"key_file": str(key_file), "key_id": "k"})
    with caplog.at_level(logging.DEBUG):
        found = answer(frame.format(value), engine)
    report = reported("c-1", engine.name, engine.version, found, 0.1)
    written = [repr(found), str(found), msgspec.json.encode(report).decode(), repr(vars(engine)), repr(engine.rules)]

    assert found.findings
    assert all(secret not in text for text in (*written, caplog.text) for secret in (value, SECRET.decode()))


@given(st.sampled_from(ORDER), st.text(st.characters(categories=["L", "Zs"]), max_size=40))
def test_a_mask_removes_what_was_found(kind: str, before: str) -> None:
    frame, value = VALUES[kind]
    text = f"{before} {frame.format(value)}"
    spans = [each.span for finding in answer(text, ENGINE).findings for each in finding.evidence if each.span]

    assert value not in masked(text, spans)
