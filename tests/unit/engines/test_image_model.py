"""Pictures and animations get confidences for each category; what no network knows is said to be open."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streams.adapters.picture import Limits, decoded
from streams.core.engine import Media, Refused
from streams.core.finding import Answer, Evidence
from streams.engines.image_model import KNOWN, ImageModel, ImageModelConfig, glass_of_wine

GREY = np.full((300, 400, 3), 120, np.uint8)
WINE = {"alcohol": {"min_confidence": 50}}


def engine(**config: Any) -> ImageModel:
    return ImageModel(ImageModelConfig.model_validate(config))


def medium(*frames: NDArray[np.uint8], times: tuple[int, ...] = (0,), end: int = 0) -> Media:
    return Media("ab" * 32, "image", "GIF", frames, times, end)


def asked(model: ImageModel, media: Media) -> Answer:
    (answer,) = model.inspect([media])
    return answer


def test_without_categories_all_that_the_networks_know_are_looked_for() -> None:
    model = engine()
    assert model.labels == set(KNOWN)
    answer = asked(model, medium(GREY))
    assert answer.findings == ()
    assert set(answer.scores or {}) == set(KNOWN)
    assert max((answer.scores or {}).values()) < 0.4
    assert answer.not_evaluated is None


def test_a_picture_is_found_with_its_confidence_and_neither_severity_nor_place_in_time() -> None:
    answer = asked(engine(categories=WINE), medium(glass_of_wine()))
    (finding,) = answer.findings
    assert (finding.label, finding.rule, finding.threshold) == ("alcohol", "alcohol_50", 50.0)
    assert finding.severity is None
    assert finding.evidence == ()
    assert finding.confidence is not None
    assert 60 < finding.confidence < 80
    assert answer.scores == {"alcohol": round(finding.confidence / 100, 3)}


def test_the_highest_band_that_is_reached_is_the_rule() -> None:
    bands = [{"from": 20, "action": "allow"}, {"from": 50, "action": "flag"}, {"from": 95, "action": "block"}]
    (finding,) = asked(engine(categories={"alcohol": {"bands": bands}}), medium(glass_of_wine())).findings
    assert finding.rule == "alcohol_50"


def test_an_animation_is_found_by_the_stretches_in_which_it_shows_something() -> None:
    wine = glass_of_wine()
    media = medium(GREY, wine, wine, GREY, wine, times=(0, 100, 200, 300, 400), end=450)
    alone = asked(engine(categories=WINE), medium(wine))
    (finding,) = asked(engine(categories=WINE), media).findings
    assert finding.confidence == alone.findings[0].confidence
    assert finding.evidence == (Evidence(frame=(100, 300), count=2), Evidence(frame=(400, 450), count=1))


@pytest.mark.parametrize(("end", "found"), [(1499, []), (1500, [(1000, 1500)])])
def test_what_a_video_shows_for_less_than_half_a_second_counts_only_where_it_is_sure(
    end: int, found: list[tuple[int, int]]
) -> None:
    frames = (GREY, glass_of_wine(), GREY)
    answer = asked(engine(categories=WINE), Media("ab" * 32, "video", "MP4", frames, (0, 1000, end), 2000))

    assert [evidence.frame for finding in answer.findings for evidence in finding.evidence] == found
    assert (answer.scores or {})["alcohol"] > 0.5


def test_each_medium_of_a_batch_is_judged_by_its_own_frames() -> None:
    wine = glass_of_wine()
    batch = [medium(GREY), medium(GREY, wine, times=(0, 40), end=80), medium(), medium(wine)]
    found = [len(answer.findings) for answer in engine(categories=WINE).inspect(batch)]
    assert found == [0, 1, 0, 1]


def test_categories_that_no_network_knows_are_open_and_have_no_score() -> None:
    model = engine(categories={**WINE, "rude_gestures": "flag", "hate_symbols": {"min_confidence": 50}})
    answer = asked(model, medium(GREY))
    assert answer.not_evaluated == {"hate_symbols": "no_detector", "rude_gestures": "no_detector"}
    assert set(answer.scores or {}) == {"alcohol"}
    assert [rule.label for rule in model.rules] == ["alcohol"]


def test_a_policy_that_asks_for_nothing_that_is_known_is_refused() -> None:
    with pytest.raises(Refused, match="categories: the engine has a detector for none of them: it has explicit, "):
        engine(categories={"rude_gestures": "flag"})


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        (Media("00" * 32, "video", "MP4"), "video_not_decoded"),
        (Media("00" * 32, "image", "unknown"), "not_decoded"),
    ],
)
def test_what_is_not_decoded_is_not_evaluated(media: Media, reason: str) -> None:
    answer = asked(engine(categories=WINE), media)
    assert (answer.status, answer.reason, answer.scores, answer.findings) == ("not_evaluated", reason, None, ())


def test_no_harmless_picture_of_the_shared_data_is_found_by_the_default_preset(shared: Path) -> None:
    folder = shared / "data" / "media" / "images"
    with (folder / "labels.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    model, wrong = engine(), []
    for row in rows[::4]:
        answer = asked(model, decoded((folder / row["file"]).read_bytes(), Limits()))
        wrong += [(row["file"], one.label) for one in answer.findings if one.label not in row["positive"].split(";")]
    assert wrong == []
