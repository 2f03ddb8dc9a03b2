from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import qrcode

from streams.adapters import policies
from streams.adapters.read_text import ReadText
from streams.core.engine import Accepts, Config, Engine, Example, Media, Text
from streams.core.finding import Answer, Evidence, Finding
from streams.core.judgement import judgement_on
from streams.core.rule import Rule
from streams.core.transcript import Line, Page, Transcript
from streams.engines.blocklist import Blocklist, BlocklistConfig
from streams.engines.ocr import drawn
from streams.engines.pii import Pii, PiiConfig
from streams.engines.velocity import Velocity, VelocityConfig
from tests.unit.core.given import facts

FIRST, SECOND = (10, 10, 90, 20), (10, 30, 90, 40)
WORDS = Blocklist(
    BlocklistConfig.model_validate(
        {"lists": [{"name": "insults", "label": "harassment", "severity": "low", "terms": ["idiot", "total fool"]}]}
    )
)


class Mood:
    """Says of every text how it sounds, without saying where."""

    name: ClassVar[str] = "mood"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[Config]] = Config

    def __init__(self, *confidences: float) -> None:
        self.rules: tuple[Rule, ...] = (Rule("mood", "toxicity", "toxicity", "flag"),)
        self.labels = frozenset({"toxicity"})
        self.confidences = confidences

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return one finding for each text; fail where no confidence was given."""
        if not self.confidences:
            raise RuntimeError("what the text says")
        return [
            Answer(findings=(Finding("toxicity", confidence=confidence),), scores={"toxicity": confidence / 100})
            for confidence, _ in zip(self.confidences, batch, strict=True)
        ]

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return none: no contract runs over it."""
        return ()


def page(*lines: str, frame: tuple[int, int] | None = None) -> Page:
    boxes = (FIRST, SECOND)
    return Page(tuple(Line(text, box) for text, box in zip(lines, boxes, strict=False)), frame)


def judged(engines: Sequence[Engine], *pages: Page, own: Answer | None = None) -> Answer:
    return ReadText(engines)(Transcript(own or Answer(), pages))


def test_a_word_of_a_list_is_found_in_the_line_that_holds_it() -> None:
    (finding,) = judged([WORDS], page("hello", "you idiot")).findings
    assert (finding.rule, finding.label, finding.severity) == ("blocklist.insults", "harassment", "low")
    assert finding.evidence == (Evidence(box=SECOND),)


def test_a_phrase_over_two_lines_lies_in_both() -> None:
    (finding,) = judged([WORDS], page("a total", "fool")).findings
    assert [one.box for one in finding.evidence] == [FIRST, SECOND]


def test_personal_data_is_named_by_its_kind_and_place_and_never_quoted() -> None:
    (finding,) = judged([Pii(PiiConfig())], page("mail jane.roe@example.com")).findings
    assert (finding.rule, finding.label) == ("pii.email", "pii")
    assert finding.evidence == (Evidence(box=FIRST, entity="email"),)
    assert "jane" not in str(finding)


def test_what_is_said_of_a_whole_text_lies_around_its_lines() -> None:
    (finding,) = judged([Mood(70.0)], page("so", "bad")).findings
    assert (finding.rule, finding.confidence) == ("mood.toxicity", 70.0)
    assert [one.box for one in finding.evidence] == [(10, 10, 90, 40)]


def test_what_several_frames_say_is_one_finding_with_all_places_and_the_highest_confidence() -> None:
    answer = judged([Mood(60.0, 80.0)], page("one", frame=(0, 400)), page("two", frame=(400, 500)))
    (finding,) = answer.findings
    assert finding.confidence == 80.0
    assert [(one.box, one.frame) for one in finding.evidence] == [(FIRST, (0, 400)), (FIRST, (400, 500))]
    assert answer.scores == {"toxicity": 0.8}


def test_the_engine_that_read_keeps_its_own_findings_and_scores() -> None:
    own = Answer(findings=(Finding("qr_code", "qr_code"),), scores={"qr_code": 1.0})
    answer = judged([WORDS], page("idiot"), own=own)
    assert [finding.rule for finding in answer.findings] == ["qr_code", "blocklist.insults"]
    assert answer.scores is not None
    assert answer.scores["qr_code"] == 1.0


def test_a_text_engine_that_fails_is_no_silence_and_the_others_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    answer = judged([Mood(), WORDS], page("idiot"))
    assert (answer.status, answer.reason) == ("error", "text_engine_failed")
    assert [finding.rule for finding in answer.findings] == ["blocklist.insults"]
    assert "what the text says" not in caplog.text


def test_engines_that_count_an_authors_texts_are_not_asked() -> None:
    counting = Velocity(VelocityConfig.model_validate(Velocity.examples()[0].config))
    assert ReadText([counting]).rules == {}


def test_engines_that_judge_how_people_talk_are_not_asked_about_a_code() -> None:
    class Slow(Mood):
        slow: ClassVar[bool] = True

    code = Transcript(Answer(), (page("idiot"),), prose=False)
    assert [finding.rule for finding in ReadText([Slow(70.0), WORDS])(code).findings] == ["blocklist.insults"]


def test_where_nothing_was_read_nobody_is_asked() -> None:
    unread = Answer("not_evaluated", "not_decoded")
    assert judged([Mood()], own=unread) is unread
    assert judged([Mood()], Page(())) == Answer()


def test_a_policy_has_its_own_rules_trigger_on_what_a_picture_says(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("id: p\nengines:\n  pii: {types: {phone: {action: block, why: no numbers}}}\n  ocr: {}\n")
    loaded = policies.load(file)
    ocr = loaded.engines[-1]
    (answer,) = ocr.inspect([Media("00" * 32, "image", "PNG", (drawn("call 212 555 0123"),), (0,))])
    judgement = judgement_on(loaded.policy, facts(), [("ocr", answer)])
    (line,) = judgement.triggered
    assert (line.engine, line.rule, line.action, line.why) == ("pii", "phone", "block", "no numbers")
    assert line.evidence[0].box is not None
    assert loaded.warnings == ()


def test_a_picture_without_text_triggers_nothing(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("id: p\nengines: {pii: {}, ocr: {}}\n")
    ocr = policies.load(file).engines[-1]
    plain = np.full((60, 200, 3), 90, dtype=np.uint8)
    assert ocr.inspect([Media("00" * 32, "image", "PNG", (plain,), (0,))]) == [Answer()]


def test_a_policy_has_its_own_lists_and_patterns_trigger_on_what_a_code_says(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        "id: p\nengines:\n"
        "  blocklist: {lists: [{name: prizes, label: scam, action: flag, terms: [free prize]}]}\n"
        "  pattern: {patterns: [{name: bad, label: scam, action: block, why: known, pattern: 'https://bad[.]example'}]}\n"
        "  qr: {}\n"
    )
    loaded = policies.load(file)
    drawn_code = qrcode.make("Free prize: HTTPS://BAD.EXAMPLE/A").get_image().convert("RGB")
    (answer,) = loaded.engines[-1].inspect([Media("00" * 32, "image", "PNG", (np.asarray(drawn_code),), (0,))])
    judgement = judgement_on(loaded.policy, facts(), [("qr", answer)])
    assert judgement.action == "block"
    assert {(line.engine, line.rule) for line in judgement.triggered} == {
        ("blocklist", "prizes"),
        ("pattern", "bad"),
        ("qr", "qr_code"),
    }
    assert all(line.evidence[0].box is not None for line in judgement.triggered)
