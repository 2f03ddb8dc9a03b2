from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.action import ACTIONS, MASKING, STRENGTH, Action
from streams.core.case import CaseOpened
from streams.core.decision import Decision, decision_id
from streams.core.facts import Answers
from streams.core.finding import FAILED, NOTHING_FOUND, STATUSES, Answer, Evidence, Finding, Report, Status
from streams.core.judge import judged, judged_case, summarised
from streams.core.judgement import judgement_on
from streams.core.label import SEVERITIES, Severity
from streams.core.masking import masked_text
from streams.core.rule import FailureMode, Mode, Rule
from tests.unit.core.given import NOON, REF, facts, found, policy

ENGINES = ("words", "links", "qr")
NAMES = ("one", "two")
HOLDING = tuple(action for action in ACTIONS if action not in {"allow", "mask"})


def rule(name: str, action: Action, engine: str = "words", *, mode: Mode = "enforce", label: str = "abuse") -> Rule:
    return Rule(engine, name, label, action, mode=mode)


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    return [
        Rule(
            engine,
            name,
            draw(st.sampled_from(["abuse", "spam", "pii"])),
            draw(st.sampled_from(ACTIONS)),
            draw(st.none() | st.sampled_from(SEVERITIES)),
            draw(st.sampled_from(["enforce", "shadow"])),
            draw(st.booleans()),
        )
        for engine in ENGINES
        for name in NAMES
    ]


@st.composite
def answers(draw: st.DrawFn, statuses: tuple[Status, ...] = STATUSES) -> list[tuple[str, Answer]]:
    finding = st.builds(
        Finding,
        label=st.sampled_from(["abuse", "spam", "pii"]),
        rule=st.sampled_from([*NAMES, "unknown"]),
        severity=st.none() | st.sampled_from(SEVERITIES),
        confidence=st.none() | st.floats(0, 100),
    )
    return [
        (engine, Answer(status=draw(st.sampled_from(statuses)), findings=tuple(draw(st.lists(finding, max_size=4)))))
        for engine in ENGINES
    ]


def enforced(given_rules: list[Rule], given_answers: Answers, mode: Mode = "enforce") -> list[Rule]:
    """Say by hand which rules trigger, once per finding."""
    return [
        rule
        for engine, answer in given_answers
        for finding in answer.findings
        for rule in given_rules
        if (rule.engine, rule.name, rule.mode) == (engine, finding.rule, mode)
    ]


@settings(max_examples=60)
@given(rules(), answers(("ok",)))
def test_the_strongest_enforced_rule_is_the_action(given_rules: list[Rule], given_answers: Answers) -> None:
    judgement = judgement_on(policy(given_rules), facts(), given_answers)
    actions = [line.action for line in enforced(given_rules, given_answers)]
    assert judgement.action == max(actions, key=ACTIONS.index, default="allow")


@settings(max_examples=60)
@given(rules(), answers())
def test_every_rule_that_triggered_is_listed_strongest_first(given_rules: list[Rule], given_answers: Answers) -> None:
    judgement = judgement_on(policy(given_rules), facts(), given_answers)
    for listed, mode in ((judgement.triggered, "enforce"), (judgement.shadow, "shadow")):
        wanted = enforced(given_rules, given_answers, "enforce" if mode == "enforce" else "shadow")
        assert sorted((line.engine, line.rule) for line in listed) == sorted(
            (rule.engine, rule.name) for rule in wanted
        )
        assert all(line.mode == mode for line in listed)
    strengths = [STRENGTH[line.action] for line in judgement.triggered]
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(judgement.labels)) == len(judgement.labels)
    assert set(judgement.labels) == {line.label for line in judgement.triggered}


@settings(max_examples=60)
@given(rules(), answers(), st.none() | st.just("admin"))
def test_a_shadow_rule_has_no_effect(given_rules: list[Rule], given_answers: Answers, role: str | None) -> None:
    with_shadow = judgement_on(policy(given_rules, exempt=["admin"]), facts(role=role), given_answers)
    without = judgement_on(
        policy([rule for rule in given_rules if rule.mode == "enforce"], exempt=["admin"]),
        facts(role=role),
        given_answers,
    )
    for field in ("action", "triggered", "labels", "severity", "confidence", "escalate", "partial", "reason"):
        assert getattr(with_shadow, field) == getattr(without, field)


@settings(max_examples=60)
@given(
    rules(),
    answers(),
    st.dictionaries(st.sampled_from(ENGINES), st.sampled_from(["closed", "open"])),
    st.sampled_from(HOLDING),
    st.sampled_from([None, "admin", "member"]),
)
def test_no_failure_ever_means_allow_unless_the_policy_says_open_or_exempts(
    given_rules: list[Rule],
    given_answers: Answers,
    failure: dict[str, FailureMode],
    failure_action: Action,
    role: str | None,
) -> None:
    judge = policy(given_rules, failure=failure, failure_action=failure_action, exempt=["admin"])
    judgement = judgement_on(judge, facts(role=role), given_answers)
    failed = [engine for engine, answer in given_answers if answer.status in FAILED]
    assert judgement.partial == bool(failed)
    if any(failure.get(engine, "closed") == "closed" for engine in failed):
        if role == "admin":
            assert judgement.action == "allow"
        else:
            assert judgement.action not in {"allow", "mask"}
            assert STRENGTH[judgement.action] >= STRENGTH[failure_action]
    for engine in failed:
        if role != "admin":
            assert f"{engine} did not answer" in judgement.reason


@pytest.mark.parametrize("status", ["error", "timeout"])
def test_a_failed_engine_holds_the_content_for_review(status: Status) -> None:
    judgement = judgement_on(policy(), facts(), [("qr", Answer(status=status, reason="unreadable"))])
    assert judgement.action == "flag"
    assert judgement.partial
    assert judgement.reason == "qr did not answer (unreadable): held for review"


def test_a_failed_engine_that_the_policy_lets_pass_is_named() -> None:
    judgement = judgement_on(policy(failure={"qr": "open"}), facts(), [("qr", Answer(status="timeout"))])
    assert judgement.action == "allow"
    assert judgement.partial
    assert judgement.reason == "qr did not answer (timeout): the policy lets it pass"


def test_a_masked_text_whose_picture_nobody_saw_is_reviewed() -> None:
    judge = policy([rule("one", "mask")])
    judgement = judgement_on(judge, facts(), [("words", found("abuse", "one", (0, 3))), ("qr", Answer(status="error"))])
    assert judgement.action == "mask_flag"


@pytest.mark.parametrize("status", ["skipped", "not_evaluated"])
def test_an_engine_that_had_nothing_to_look_at_has_not_failed(status: Status) -> None:
    judgement = judgement_on(policy(), facts(), [("qr", Answer(status=status, reason="no_picture"))])
    assert (judgement.action, judgement.partial) == ("allow", False)


def test_an_exempt_role_is_allowed_and_what_was_found_is_written_down() -> None:
    judge = policy([Rule("words", "one", "abuse", "block", "high", escalate=True)], exempt=["admin"])
    judgement = judgement_on(judge, facts(role="admin"), [("words", found("abuse", "one"))])
    assert judgement.action == "allow"
    assert not judgement.escalate
    assert [line.rule for line in judgement.triggered] == ["one"]
    assert (judgement.labels, judgement.severity) == (("abuse",), "high")
    assert judgement.reason == "exempt: role admin"
    assert judgement_on(judge, facts(role="member"), [("words", found("abuse", "one"))]).action == "block"
    assert judgement_on(judge, facts(), [("words", found("abuse", "one"))]).escalate


def test_an_answer_says_the_same_whether_it_was_sent_or_not() -> None:
    # Equal to the answer that means "nothing", but another object: reports come back from Kafka.
    judge = policy(exempt=["admin"])
    for role in (None, "admin"):
        assert judgement_on(judge, facts(role=role), [("qr", Answer())]) == judgement_on(
            judge, facts(role=role), [("qr", NOTHING_FOUND)]
        )


@settings(max_examples=60)
@given(rules(), answers())
def test_severity_and_confidence_are_never_mixed(given_rules: list[Rule], given_answers: Answers) -> None:
    judgement = judgement_on(policy(given_rules), facts(), given_answers)
    confidences = [c for line in judgement.triggered if (c := line.confidence) is not None]
    severities: list[Severity] = [s for line in judgement.triggered if (s := line.severity) is not None]
    assert judgement.confidence == max(confidences, default=None)
    assert judgement.severity == max(severities, key=SEVERITIES.index, default=None)
    said = {finding.confidence for _, answer in given_answers for finding in answer.findings}
    assert {line.confidence for line in judgement.triggered} <= said


def test_a_finding_without_a_severity_has_that_of_its_rule() -> None:
    judge = policy([Rule("words", "one", "abuse", "flag", "low", threshold=0.4)])
    (line,) = judgement_on(judge, facts(), [("words", found("abuse", "one"))]).triggered
    assert (line.severity, line.confidence, line.threshold) == ("low", None, 0.4)
    (line,) = judgement_on(
        judge, facts(), [("words", found("abuse", "one", severity="critical", threshold=0.7))]
    ).triggered
    assert (line.severity, line.threshold) == ("critical", 0.7)
    (line,) = judgement_on(
        policy([rule("one", "flag")]), facts(), [("words", found("abuse", "one", confidence=99.5))]
    ).triggered
    assert (line.severity, line.confidence) == (None, 99.5)


def test_a_finding_without_a_rule_is_found_by_its_label() -> None:
    judge = policy([rule("explicit", "block", "image_model", label="explicit")])
    assert judgement_on(judge, facts(), [("image_model", found("explicit"))]).action == "block"


def test_a_finding_that_no_rule_asks_for_is_left_out() -> None:
    judgement = judgement_on(policy([rule("one", "block")]), facts(), [("words", found("abuse", "other"))])
    assert (judgement.action, judgement.triggered, judgement.shadow) == ("allow", (), ())
    assert (
        judgement_on(policy([rule("one", "block", "links")]), facts(), [("words", found("abuse", "one"))]).action
        == "allow"
    )


def test_the_reason_names_the_strongest_rule_and_holds_no_content() -> None:
    strong = Rule("links", "two", "scam", "block", why="known fraud")
    given_answers = [
        ("words", Answer(findings=(Finding("abuse", "one", evidence=(Evidence(snippet="swordfish"),)),))),
        ("links", Answer(findings=(Finding("scam", "two", evidence=(Evidence(payload="swordfish"),)),))),
    ]
    judgement = judgement_on(policy([rule("one", "flag"), strong]), facts(), given_answers)
    assert judgement.reason == "links rule two found scam and 1 more: known fraud"


SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda span: (min(span), max(span) + 1))


@st.composite
def marked(draw: st.DrawFn) -> tuple[list[Rule], list[tuple[str, Answer]]]:
    given_rules = draw(rules())
    finding = st.builds(
        Finding,
        label=st.sampled_from(["abuse", "pii"]),
        rule=st.sampled_from(NAMES),
        evidence=st.lists(SPANS.map(lambda span: Evidence(span=span)), min_size=1, max_size=3).map(tuple),
    )
    return given_rules, [(engine, Answer(findings=tuple(draw(st.lists(finding, max_size=3))))) for engine in ENGINES]


@settings(max_examples=60)
@given(marked())
def test_a_masked_text_shows_nothing_that_a_masking_rule_or_pii_covers(
    given_case: tuple[list[Rule], list[tuple[str, Answer]]],
) -> None:
    given_rules, given_answers = given_case
    text = "".join(chr(0x1F300 + at) for at in range(61))  # sixty-one characters, each of them once
    by_name = {(line.engine, line.name): line for line in given_rules}
    hidden: set[int] = set()
    masks = False
    for engine, answer in given_answers:
        for finding in answer.findings:
            line = by_name[engine, finding.rule or ""]
            masking = line.mode == "enforce" and line.action in MASKING
            masks = masks or masking
            if masking or finding.label == "pii":
                hidden |= {at for evidence in finding.evidence for at in range(*(evidence.span or (0, 0)))}
    result = masked_text(policy(given_rules), given_answers, text)
    if not masks:
        assert result is None
    else:
        assert result is not None
        assert [character for character in result if character != "*"] == [
            character for at, character in enumerate(text) if at not in hidden
        ]


def test_every_pii_span_is_masked_with_the_rest() -> None:
    judge = policy([rule("one", "mask"), rule("phone", "flag", "links", label="pii", mode="shadow")])
    given_answers = [("words", found("abuse", "one", (0, 3))), ("links", found("pii", "phone", (9, 12)))]
    assert masked_text(judge, given_answers, "bad call 555") == "**** call ****"
    assert masked_text(judge, given_answers[1:], "bad call 555") is None


def test_a_masking_rule_that_cannot_say_where_masks_everything() -> None:
    judge = policy([rule("one", "mask")])
    assert masked_text(judge, [("words", found("abuse", "one"))], "all of it") == "****"
    assert masked_text(judge, [("words", found("abuse", "one"))], "") == ""


@pytest.mark.parametrize("action", ACTIONS)
def test_only_a_masking_decision_carries_text(action: Action) -> None:
    judge = policy([rule("one", action)])
    decision = judged(judge, facts(masked_text="**** you"), [("words", found("abuse", "one"))], (), NOON)
    assert decision.action == action
    assert decision.masked_text == ("**** you" if action in {"mask", "mask_flag"} else None)


def test_a_decision_explains_itself() -> None:
    given_answers = [("words", found("abuse", "one", (0, 3))), ("links", Answer(status="timeout", reason="slow"))]
    reports = summarised(given_answers, [0.5, 1.5], ["1", "2"])
    given_facts = facts(conversation_id="c", tenant="t", context=("a", "b"), received_at=NOON, role="member")
    decision = judged(policy([rule("one", "block")]), given_facts, given_answers, reports, NOON + 1500)
    assert decision.decision_id == decision_id("m1", 0)
    assert (decision.revision, decision.source, decision.policy) == (0, "automatic", REF)
    assert (decision.received_at, decision.decided_at) == ("2026-01-01T12:00:00.000Z", "2026-01-01T12:00:01.500Z")
    assert (decision.context, decision.conversation_id, decision.tenant) == (("a", "b"), "c", "t")
    assert [(line.engine, line.status, line.reason, line.duration_ms, line.version) for line in decision.reports] == [
        ("words", "ok", None, 0.5, "1"),
        ("links", "timeout", "slow", 1.5, "2"),
    ]
    assert decision.partial
    assert decision.triggered[0].evidence == (Evidence(span=(0, 3)),)


@settings(max_examples=60)
@given(rules(), answers(), st.randoms())
def test_a_case_is_decided_alike_whatever_came_first(
    given_rules: list[Rule], given_answers: list[tuple[str, Answer]], chance: Random
) -> None:
    reports = [Report("i1", engine, "1", answer.status, None, answer.findings) for engine, answer in given_answers]
    opened = CaseOpened(
        "i1", "image", "u", ENGINES, (), REF, NOON + 30_000, NOON, ("a",), role="member", masked_text="*"
    )
    one = judged_case(policy(given_rules), opened, reports, judged, NOON)
    chance.shuffle(reports)
    assert judged_case(policy(given_rules), opened, reports, judged, NOON) == one
    assert [line.engine for line in one.reports] == sorted(ENGINES)
    assert one.context == ("a",)


def apart_case(*reports: Report, masked: str | None = None) -> str | None:
    """Return the masked text of the decision on "so bad 123": rule `mask` of either engine masks, `seen` flags."""
    masking = [rule("mask", "mask", "llm"), rule("mask", "mask", "aws"), rule("bad", "mask")]
    mine = policy([*masking, rule("seen", "flag", "llm"), rule("seen", "flag", "aws")], apart=("llm", "aws"))
    answers = (Report("m1", "words", "1", "ok", findings=(Finding("abuse", "bad"),)),) if masked else ()
    opened = CaseOpened(
        content_id="m1",
        kind="message",
        user_id="u",
        required=("llm", "aws"),
        reports=answers,
        policy=REF,
        deadline_at=NOON,
        received_at=NOON,
        masked_text=masked,
    )
    return judged_case(mine, opened, (*answers, *reports), judged, NOON).masked_text


def says(engine: str, name: str | None, text: str | None = None) -> Report:
    findings = (Finding("abuse", name),) if name else ()
    return Report("m1", engine, "1", "ok", findings=findings, masked_text=text)


@pytest.mark.parametrize(
    ("reports", "masked", "shown"),
    [
        ([says("llm", None), says("aws", None)], "so **** 123", "so **** 123"),
        ([says("llm", "mask", "so bad ****"), says("aws", None)], None, "so bad ****"),
        ([says("llm", "mask", "so **** ****"), says("aws", None)], "so **** 123", "so **** ****"),
        ([says("llm", "mask", "so bad ****"), says("aws", "mask", "so bad ****")], None, "so bad ****"),
        ([says("llm", "mask", "so bad ****"), says("aws", "mask", "so **** 123")], None, "****"),
        ([says("llm", "mask", "so bad ****"), says("aws", "seen", "so **** 123")], None, "****"),
        ([says("llm", "mask"), says("aws", None)], None, "****"),  # of another policy version, which did not mask
        ([says("llm", "mask"), says("aws", "mask", "so **** 123")], None, "****"),
        ([says("llm", "seen"), says("aws", None)], None, None),
    ],
)
def test_the_join_masks_as_the_reports_say_and_hides_all_where_they_differ(
    reports: list[Report], masked: str | None, shown: str | None
) -> None:
    assert apart_case(*reports, masked=masked) == shown
    assert apart_case(*reports[::-1], masked=masked) == shown


def picture_case(reports: tuple[Report, ...], rules: list[Rule]) -> Decision:
    """Return the decision on an uploaded picture."""
    required = tuple(report.engine for report in reports)
    opened = CaseOpened("m1", "image", "u", required, (), REF, NOON + 30_000, NOON)
    return judged_case(policy(rules, text=(), media=required), opened, reports, judged, NOON)


def test_a_picture_is_decided_by_confidence_and_gets_no_severity() -> None:
    finding = Finding("alcohol", "alcohol_70", None, 83.4, 70.0)
    report = Report("m1", "image_model", "1", "ok", findings=(finding,), scores={"alcohol": 0.834})

    decision = picture_case((report,), [Rule("image_model", "alcohol_70", "alcohol", "flag", threshold=70.0)])

    assert (decision.action, decision.labels, decision.confidence) == ("flag", ("alcohol",), 83.4)
    assert decision.severity is None
    (line,) = decision.triggered
    assert (line.severity, line.confidence, line.threshold) == (None, 83.4, 70.0)


def test_a_label_without_a_detector_is_named_with_the_reason_and_has_no_score() -> None:
    report = Report("m1", "image_model", "1", "ok", scores={"alcohol": 0.0}, not_evaluated={"pii": "no_detector"})

    decision = picture_case((report,), [])

    assert decision.reports[0].not_evaluated == {"pii": "no_detector"}
    assert (decision.action, decision.reason, decision.partial) == ("allow", "nothing found", False)


@pytest.mark.parametrize(
    ("status", "scores", "left"),
    [
        ("ok", {"rude_gestures": 0.0}, {"hate_symbols": "no_detector"}),
        ("error", None, {"rude_gestures": "no_detector", "hate_symbols": "no_detector"}),
    ],
)
def test_a_label_that_another_engine_looked_for_is_not_left_open(
    status: Status, scores: dict[str, float] | None, left: dict[str, str]
) -> None:
    missing = {"rude_gestures": "no_detector", "hate_symbols": "no_detector"}
    first = Report("m1", "image_model", "1", "ok", scores={}, not_evaluated=missing)
    other = Report("m1", "rekognition", "1", status, scores=scores)

    assert picture_case((first, other), []).reports[0].not_evaluated == left


def test_what_a_text_engine_says_of_the_text_closes_no_label_of_the_picture() -> None:
    opened = CaseOpened("m1", "message", "u", ("image_model",), (), REF, NOON + 30_000, NOON)
    text = Report("m1", "text_model", "1", "ok", scores={"violence": 0.1})
    picture = Report("m1", "image_model", "1", "ok", scores={}, not_evaluated={"violence": "no_detector"})

    decision = judged_case(policy(media=("image_model",)), opened, (text, picture), judged, NOON)

    assert decision.reports[0].not_evaluated == {"violence": "no_detector"}
