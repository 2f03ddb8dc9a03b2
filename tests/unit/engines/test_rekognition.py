import re
from typing import Any

import pytest

from streams.core.finding import Answer, Evidence, Finding
from streams.core.label import NAME
from streams.core.rule import Rule
from streams.core.taxonomy import Label
from streams.core.transcript import Line, Transcript
from streams.engines.catalog import PICTURES, pictures_named
from streams.engines.rekognition import Glance, Known, NearDuplicates, Rekognition
from streams.topology import ROLES

SMOKE = Label("Smoking", "Drugs & Tobacco Paraphernalia & Use", 82.0)
DRUGS = Label("Drugs & Tobacco", "", 84.5)


def engine(**more: Any) -> Rekognition:
    return Rekognition(Rekognition.Config.model_validate({"region": "us-east-1", **more}))


def known(*glances: Glance, model: str = "7.0", adapter: bool = True) -> Known:
    return Known(0, "", 1.0, model, adapter, glances)


def seen(*labels: Label, **more: Any) -> Known:
    return known(Glance(labels), **more)


def found(answer: Answer) -> dict[str, tuple[str | None, float | None]]:
    return {one.label: (one.rule, one.confidence) for one in answer.findings}


def test_it_is_called_what_the_catalog_and_its_role_are_called() -> None:
    assert PICTURES["rekognition"]() is pictures_named("rekognition") is Rekognition
    assert Rekognition.name in ROLES
    assert NAME.fullmatch(Rekognition.name)
    assert re.fullmatch(r"[0-9A-Za-z._-]{1,64}", Rekognition.version)


def test_the_service_is_asked_from_the_lowest_threshold_on() -> None:
    assert engine().least == 60.0
    assert engine(preset="sensitive").least == 40.0
    bands = {"bands": [{"from": 33, "action": "flag"}, {"from": 95, "action": "block"}], "why": "no"}
    assert engine(categories={"violence": bands, "alcohol": {"min_confidence": 71}}).least == 33.0


def test_a_category_has_the_highest_confidence_of_its_labels_and_names_the_deepest() -> None:
    answer = engine().answer(seen(DRUGS, SMOKE))
    assert answer.findings == (
        Finding("drugs_tobacco", "drugs_tobacco_70", None, 84.5, 70.0, (Evidence(entity="Smoking"),)),
    )
    assert answer.scores is not None
    assert answer.scores["drugs_tobacco"] == 0.845
    assert answer.scores["explicit"] == 0.0


def test_bands_lead_to_their_own_rules() -> None:
    bands = {"bands": [{"from": 50, "action": "flag"}, {"from": 80, "action": "block"}], "why": "no"}
    banded = engine(categories={"drugs_tobacco": bands})
    assert found(banded.answer(seen(SMOKE)))["drugs_tobacco"] == ("drugs_tobacco_80", 82.0)
    assert found(banded.answer(seen(SMOKE._replace(confidence=60.0))))["drugs_tobacco"] == ("drugs_tobacco_50", 60.0)
    assert found(banded.answer(seen(SMOKE._replace(confidence=49.0)))) == {}


def test_frames_of_an_animation_are_named_by_their_times() -> None:
    glances = (Glance((), frame=(0, 400)), Glance((SMOKE,), frame=(400, 900)), Glance((DRUGS,), frame=(900, 950)))
    (finding,) = engine().answer(known(*glances)).findings
    assert (finding.confidence, [one.frame for one in finding.evidence]) == (84.5, [(400, 900), (900, 950)])


def test_a_label_without_a_category_goes_to_review() -> None:
    answer = engine().answer(seen(Label("Deepfake", "Synthetic", 77.0)))
    assert found(answer) == {"unmapped": ("unmapped", 77.0)}
    rule = next(rule for rule in engine().rules if rule.name == "unmapped")
    assert (rule.action, rule.mode) == ("flag", "enforce")
    assert engine().strays(seen(Label("Deepfake", "Synthetic", 77.0), DRUGS)) == 1


def test_self_harm_is_escalated() -> None:
    answer = engine().answer(seen(Label("Self-Harm", "Graphic Violence", 88.0)))
    assert found(answer).keys() == {"violence", "visually_disturbing", "self_harm"}
    rule = next(rule for rule in engine().rules if rule.name == "self_harm")
    assert isinstance(rule, Rule)
    assert rule.escalate
    assert not any(rule.name == "self_harm" for rule in engine(categories={"alcohol": "flag"}).rules)


def test_categories_that_the_service_does_not_know_are_said_to_be_open() -> None:
    answer = engine(categories={"alcohol": "flag", "qr_code": "flag"}).answer(seen())
    assert (answer.status, answer.not_evaluated) == ("ok", {"qr_code": "no_detector"})
    with pytest.raises(ValueError, match="a detector for none of them"):
        engine(categories={"qr_code": "flag"})


def test_what_is_read_in_a_picture_is_judged_by_others() -> None:
    heard: list[Transcript] = []

    def judge(transcript: Transcript) -> Answer:
        heard.append(transcript)
        return Answer(findings=(Finding("pii"),))

    reading = engine(detect_text=True)
    reading.hand_to(judge)
    line = Line("call 555 0100", (1, 2, 3, 4))
    assert found(reading.answer(known(Glance((), (line,))))) == {"pii": (None, None)}
    assert heard[0].pages[0].lines == (line,)
    assert found(reading.answer(seen())) == {}
    assert len(heard) == 1


def test_an_old_model_is_read_by_its_own_table() -> None:
    labels = (Label("Explosions And Blasts", "Visually Disturbing", 90.0),)
    assert found(engine().answer(known(Glance(labels), model="6.1"))).keys() == {"visually_disturbing"}


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"endpoint": "http://example.org"}, "allow_http"),
        ({"project_version": "ids"}, "project_version"),
        ({"keep": "soon"}, "keep"),
        ({"frames": 9}, "frames"),
        ({"rate_per_second": 0}, "rate_per_second"),
        ({"made_up_key": 1}, "made_up_key"),
        ({"categories": {"cats": "flag"}}, "cats"),
        ({"near_duplicates": {"max_distance": 32}}, "max_distance"),
        ({"near_duplicates": {"max_distance": -1}}, "max_distance"),
        ({"near_duplicates": {"remembered": 0}}, "remembered"),
        ({"near_duplicates": {}, "detect_text": True}, "exclude each other"),
    ],
)
def test_what_cannot_be_meant_is_refused(more: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        engine(**more)


def test_near_copies_are_judged_by_themselves_unless_the_policy_says_otherwise() -> None:
    assert engine().config.near_duplicates is None
    assert engine(near_duplicates={}).config.near_duplicates == NearDuplicates(max_distance=10, remembered=100_000)


def test_content_never_shows_in_what_is_logged() -> None:
    assert "secret" not in repr(known(Glance((), (Line("secret", (0, 0, 1, 1)),))))
