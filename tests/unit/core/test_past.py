from msgspec import structs

from streams.core.arrival import Arrival
from streams.core.decision import Decision
from streams.core.finding import NOTHING_FOUND, Finding, Report
from streams.core.judge import judged, summarised
from streams.core.past import Pasts
from streams.core.recollection import Recollections
from streams.core.rule import Rule
from tests.unit.core.given import NOON, facts, found, message, policy

BAD = Rule("words", "bad", "abuse", "block")
ANSWERS = [("words", found("abuse", "bad", (3, 6), severity="high"))]


def decision(content_id: str = "m1", *, quiet: bool = False) -> Decision:
    answers = [("words", NOTHING_FOUND)] if quiet else ANSWERS
    reports = summarised(answers, [0.1], ["1"])
    return judged(policy([BAD]), facts(content_id=content_id), answers, reports, NOON)


def test_a_text_gets_its_decision_and_its_reports_once() -> None:
    pasts = Pasts()
    pasts.decided(decision(), NOON)
    pasts.found(Report("m1", "text_llm", "1", "ok"), NOON)
    arrival = Arrival(message("m1", "so bad"), NOON)
    past = pasts.of(arrival)
    assert past.decided is not None
    assert past.decided.judged.action == "block"
    assert past.gathered is not None
    assert [report.engine for report in past.gathered.reports] == ["text_llm"]
    assert pasts.of(arrival) == (arrival, None, None)


def test_what_a_moderator_made_of_it_is_not_what_a_policy_decided() -> None:
    pasts = Pasts()
    pasts.decided(decision(), NOON)
    pasts.decided(structs.replace(decision(), revision=1, action="allow", source="moderator"), NOON)
    decided = pasts.of(Arrival(message("m1"), NOON)).decided
    assert decided is not None
    assert decided.judged.action == "block"


def test_what_is_about_earlier_texts_is_forgotten() -> None:
    pasts = Pasts()
    for number in range(10):
        pasts.decided(decision(f"m{number}"), NOON + number)
        pasts.found(Report(f"m{number}", "text_llm", "1", "ok"), NOON + number)
    pasts.forget(NOON + 7)
    assert len(pasts) == 6
    assert pasts.of(Arrival(message("m7"), NOON)).decided is not None


def test_a_decision_tells_what_its_engines_answered() -> None:
    answer = Recollections().of(decision()).answer("words")
    assert answer is not None
    assert answer.version == "1"
    assert answer.answer.findings == (Finding("abuse", "bad", "high", evidence=ANSWERS[0][1].findings[0].evidence),)


def test_decisions_on_texts_in_which_nothing_was_found_share_what_is_kept() -> None:
    recollections = Recollections()
    quiet = recollections.of(decision("m1", quiet=True))
    assert recollections.of(decision("m2", quiet=True)) is quiet
    assert quiet.answers[0].answer is NOTHING_FOUND


def test_what_was_read_in_a_picture_is_no_finding_of_the_engine_for_texts() -> None:
    seen = decision()
    (line,) = seen.triggered
    place = structs.replace(line.evidence[0], span=None, box=(1, 2, 3, 4))
    seen = structs.replace(seen, triggered=(structs.replace(line, evidence=(place,)),))
    answer = Recollections().of(seen).answer("words")
    assert answer is not None
    assert answer.answer is NOTHING_FOUND
