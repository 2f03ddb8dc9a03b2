from streams.core.finding import NOTHING_FOUND, Answer, Cost, Evidence, Finding
from streams.core.policy import Policy
from streams.core.reply import replied
from streams.core.rule import Rule
from streams.core.task import TextTask
from tests.unit.core.given import NOON, REF, found, policy

MASK = Rule("llm", "mask", "abuse", "mask")
FLAG = Rule("llm", "flag", "abuse", "flag")
PII = Rule("llm", "pii", "pii", "flag")
MASKING = policy([MASK, FLAG, PII], apart=("llm",))
TASK = TextTask("m1", "message", "u", "llm", "so bad 555 you", REF, NOON + 2000, NOON, spans=((7, 10),))


def masked(answer: Answer, judge_by: Policy = MASKING, task: TextTask = TASK) -> str | None:
    return replied(judge_by, task, "3", answer, 1.5).masked_text


def test_a_reply_is_the_engines_answer_with_what_it_cost() -> None:
    answer = Answer(findings=(Finding("abuse", "flag"),), scores={"abuse": 0.9})
    report = replied(MASKING, TASK, "3", answer, 1.5, Cost(calls=1))
    assert (report.content_id, report.engine, report.engine_version, report.status) == ("m1", "llm", "3", "ok")
    assert (report.findings, report.scores, report.cost, report.duration_ms) == (
        answer.findings,
        {"abuse": 0.9},
        Cost(calls=1),
        1.5,
    )


def test_what_inline_engines_and_this_one_found_is_masked_together() -> None:
    assert masked(found("abuse", "mask", (3, 6))) == "so **** **** you"


def test_a_masking_rule_that_cannot_say_where_masks_everything() -> None:
    assert masked(found("abuse", "mask")) == "****"


def test_pii_is_masked_for_the_case_that_another_engine_masks() -> None:
    assert masked(found("pii", "pii", (11, 14))) == "so bad **** ****"


def test_nothing_to_mask_brings_no_text() -> None:
    assert masked(NOTHING_FOUND) is None
    assert masked(found("abuse", "flag", (3, 6))) is None
    assert masked(found("abuse", "no_rule", (3, 6))) is None


def test_a_policy_that_never_masks_puts_no_text_into_reports() -> None:
    answer = Answer(findings=(Finding("pii", "pii", evidence=(Evidence(span=(7, 10)),)),))
    assert masked(answer, policy([FLAG, PII], apart=("llm",))) is None
    assert masked(answer, policy([Rule("llm", "mask", "abuse", "mask", mode="shadow"), PII], apart=("llm",))) is None
