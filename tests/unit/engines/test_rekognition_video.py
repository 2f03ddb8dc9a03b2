from typing import Any

import pytest

from streams.core.engine import Refused
from streams.core.finding import Evidence
from streams.core.taxonomy import Label
from streams.engines.rekognition_video import RekognitionVideo, Sighting, Watched

ARNS = {
    "topic_arn": "arn:aws:sns:us-east-1:111122223333:AmazonRekognitionJobs",
    "role_arn": "arn:aws:iam::111122223333:role/rekognition",
    "queue_url": "https://sqs.us-east-1.amazonaws.com/111122223333/jobs",
}
WEAPONS = (("Violence", ""), ("Weapons", "Violence"))
BLOOD = (("Violence", ""), ("Graphic Violence", "Violence"), ("Blood & Gore", "Graphic Violence"))


def engine(**config: Any) -> RekognitionVideo:
    return RekognitionVideo(RekognitionVideo.Config.model_validate({"region": "us-east-1", **config}))


def moments(labels: tuple[tuple[str, str], ...], *at: tuple[int, float]) -> list[Sighting]:
    """Return labels at moments (milliseconds) with confidences."""
    return [Sighting(Label(name, parent, sure), time) for time, sure in at for name, parent in labels]


def watched(*sightings: Sighting, duration: int = 60_000, model: str = "7.0") -> Watched:
    return Watched(sightings, duration, model)


def test_moments_next_to_each_other_are_one_stretch_with_its_frames_counted_once() -> None:
    seen = moments(WEAPONS, (1000, 80.0), (1500, 95.5), (2500, 90.0), (9000, 70.0))
    answer = engine(categories={"violence": {"min_confidence": 60, "action": "block"}}).answer(watched(*seen))
    (finding,) = answer.findings
    assert (finding.label, finding.rule, finding.confidence, finding.threshold) == ("violence", "violence_60", 95.5, 60)
    assert finding.evidence == (
        Evidence(frame=(1000, 3000), count=3, entity="Weapons"),
        Evidence(frame=(9000, 9500), count=1, entity="Weapons"),
    )
    assert answer.scores == {"violence": 0.955}


def test_a_moment_below_the_lowest_threshold_of_its_category_is_no_part_of_a_stretch() -> None:
    judge = engine(categories={"violence": {"min_confidence": 80}, "alcohol": {"min_confidence": 40}})
    seen = [*moments(WEAPONS, (0, 45.0), (500, 85.0)), *moments((("Alcohol", ""),), (0, 45.0))]
    violence, alcohol = sorted(judge.answer(watched(*seen)).findings, key=lambda found: found.label, reverse=True)
    assert (violence.evidence[0].frame, alcohol.evidence[0].frame) == ((500, 1000), (0, 500))
    assert judge.least == 40


def test_a_label_below_every_threshold_leaves_its_score_and_no_finding() -> None:
    answer = engine(categories={"violence": {"min_confidence": 80}}).answer(watched(*moments(WEAPONS, (0, 55.0))))
    assert (answer.status, answer.findings, answer.scores) == ("ok", (), {"violence": 0.55})


def test_the_band_that_the_peak_reaches_leads() -> None:
    bands = [{"from": 60, "action": "flag"}, {"from": 95, "action": "block"}]
    answer = engine(categories={"violence": {"bands": bands}}).answer(
        watched(*moments(WEAPONS, (0, 60.0), (500, 97.0)))
    )
    assert [found.rule for found in answer.findings] == ["violence_95"]
    assert answer.findings[0].evidence[0].frame == (0, 1000)


def test_blood_is_disturbing_as_well_as_violent() -> None:
    answer = engine().answer(watched(*moments(BLOOD, (0, 90.0))))
    assert {found.label for found in answer.findings} == {"violence", "visually_disturbing"}


def test_self_harm_is_put_before_somebody_at_once() -> None:
    judge = engine()
    labels = (("Violence", ""), ("Graphic Violence", "Violence"), ("Self-Harm", "Graphic Violence"))
    (found,) = [
        one for one in judge.answer(watched(*moments(labels, (500, 92.0)))).findings if one.label == "self_harm"
    ]
    assert (found.confidence, found.evidence[0].frame) == (92.0, (500, 1000))
    assert next(rule for rule in judge.rules if rule.name == "self_harm").escalate


def test_a_label_that_no_category_has_is_put_before_somebody() -> None:
    answer = engine().answer(watched(*moments((("Brand New", ""),), (0, 66.0))))
    assert [(found.label, found.rule, found.confidence) for found in answer.findings] == [
        ("unmapped", "unmapped", 66.0)
    ]
    assert answer.findings[0].evidence[0].entity == "Brand New"


def test_segments_that_touch_are_one_stretch_and_count_no_frames() -> None:
    label = Label("Alcohol Use", "Alcohol", 75.0)
    seen = [Sighting(label, 0, 4000), Sighting(label, 4000, 9000), Sighting(label, 20_000, 21_000)]
    (finding,) = engine().answer(watched(*seen)).findings
    assert [(one.frame, one.count) for one in finding.evidence] == [((0, 9000), None), ((20_000, 21_000), None)]


def test_a_stretch_does_not_reach_beyond_the_end() -> None:
    (finding,) = engine().answer(watched(*moments(WEAPONS, (9900, 95.0)), duration=10_000)).findings
    assert finding.evidence[0].frame == (9900, 10_000)
    (finding,) = engine().answer(watched(*moments(WEAPONS, (9900, 95.0)), duration=0)).findings
    assert finding.evidence[0].frame == (9900, 9900)


def test_a_video_that_flickers_fills_no_record() -> None:
    seen = moments(WEAPONS, *((at * 2000, 90.0) for at in range(10_000)))
    (finding,) = engine().answer(watched(*seen, duration=20_000_000)).findings
    assert len(finding.evidence) <= 32
    assert sum(one.count or 0 for one in finding.evidence) == 10_000


def test_an_old_model_is_read_by_its_own_table() -> None:
    answer = engine().answer(
        watched(*moments((("Explosions And Blasts", "Visually Disturbing"),), (0, 90.0)), model="6.1")
    )
    assert [found.label for found in answer.findings] == ["visually_disturbing"]
    assert engine().version_of("6.1") == "1/6.1"


def test_a_clean_video_has_scores_and_no_findings() -> None:
    answer = engine().answer(watched())
    assert (answer.status, answer.findings) == ("ok", ())
    assert answer.not_evaluated == {"soundtrack": "no_engine"}
    assert set(answer.scores or {}) == engine().labels - {"unmapped", "self_harm"}


@pytest.mark.parametrize("left_out", ARNS)
def test_topic_role_and_queue_are_named_together(left_out: str) -> None:
    assert engine(**ARNS).config.queue_url == ARNS["queue_url"]
    with pytest.raises(Refused, match=f"{left_out}: is missing"):
        engine(**{name: value for name, value in ARNS.items() if name != left_out})


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"endpoint": "http://example.org"}, "in the clear"),
        ({"categories": {"qr_code": {"min_confidence": 50}, "alcohol": "flag"}}, "categories.qr_code: is no category"),
        ({"categories": {"pii": "flag"}}, "has a detector for none of them"),
    ],
)
def test_what_cannot_be_is_refused(config: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        engine(**config)


@pytest.mark.parametrize("key", ["made_up_key", "region"])
def test_the_configuration_is_strict(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        engine(**{key: 7})
