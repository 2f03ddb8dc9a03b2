"""Decisions that fit, and decisions that do not."""

from dataclasses import dataclass

import msgspec
import pytest

from streams.core.decision import Decision, Triggered
from streams.core.finding import Evidence
from streams.core.kept_decision import LARGEST, TooLarge, kept
from tests.unit.core.decisions import made


@dataclass
class Long:
    """A decision of rules with so many pieces of evidence."""

    rules: int
    evidence: int
    payload: int = 100

    def decision(self) -> Decision:
        """Return it."""
        evidence = tuple(Evidence(payload="p" * self.payload, attachment=n % 20) for n in range(self.evidence))
        rules = tuple(Triggered(f"r{n}", "enforce", "qr", "spam", "flag", evidence=evidence) for n in range(self.rules))
        return made(triggered=rules, shadow=rules)


def test_a_decision_that_fits_is_kept_whole_but_for_the_masked_text() -> None:
    held = kept(made())
    assert held.left_out is None
    assert msgspec.json.decode(held.document, type=Decision) == msgspec.structs.replace(made(), masked_text=None)


def test_the_masked_text_is_kept_where_that_is_asked_for() -> None:
    assert msgspec.json.decode(kept(made(), masked_text=True).document, type=Decision) == made()


@pytest.mark.parametrize(
    ("long", "left_out", "evidence", "shadow"),
    [
        (Long(10, 500), "evidence_beyond_10", 10, 10),
        (Long(100, 40, payload=1000), "evidence_beyond_1", 1, 100),
        (Long(1000, 10, payload=1000), "evidence", 0, 1000),
        (Long(3000, 1), "shadow", 0, 0),
    ],
)
def test_what_is_too_large_loses_evidence_first_and_says_so(
    long: Long, left_out: str, evidence: int, shadow: int
) -> None:
    held = kept(long.decision())
    assert held.left_out == left_out
    assert len(held.document) <= LARGEST
    read = msgspec.json.decode(held.document, type=Decision)
    assert len(read.triggered) == long.rules
    assert {len(one.evidence) for one in read.triggered} == {evidence}
    assert len(read.shadow) == shadow


def test_a_decision_that_cannot_be_cut_to_fit_is_refused() -> None:
    with pytest.raises(TooLarge):
        kept(Long(10_000, 0).decision())
