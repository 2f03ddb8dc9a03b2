import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from streams.core.engine import Media, Refused
from streams.core.finding import NOTHING_FOUND, Answer
from streams.engines.media_hash import MediaHash, MediaHashConfig
from streams.vision.pdq import hexadecimal, pdq

Picture = NDArray[np.uint8]


def waves(seed: int, height: int = 240, width: int = 320) -> Picture:
    """Return a picture with structure, the same for the same seed."""
    draw = np.random.default_rng(seed)
    small = draw.integers(0, 256, size=(24, 32, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def still(picture: Picture, sha256: str = "00" * 32) -> Media:
    return Media(sha256=sha256, kind="image", format="PNG", frames=(picture,), times_ms=(0,))


def engine(*lines: str, **keys: Any) -> MediaHash:
    return MediaHash(MediaHashConfig.model_validate({"lists": [{"name": "known", "lines": list(lines), **keys}]}))


def asked(one: MediaHash, media: Media) -> Answer:
    (answer,) = one.inspect([media])
    return answer


def test_without_lists_nothing_is_found() -> None:
    bare = MediaHash(MediaHashConfig())
    assert asked(bare, still(waves(1))) == NOTHING_FOUND
    assert (bare.rules, bare.labels) == ((), frozenset())


def test_the_same_bytes_are_found_by_their_hash_in_a_picture_a_video_and_what_no_decoder_reads() -> None:
    listed = engine(f"SHA256:{'AB' * 32}  case 12")
    for media in (
        still(waves(1), "ab" * 32),
        Media("ab" * 32, "video", "MP4"),
        Media("ab" * 32, "image", "unknown"),
    ):
        (finding,) = asked(listed, media).findings
        assert (finding.rule, finding.label) == ("known", "known_media")
        assert (finding.evidence[0].hash, finding.evidence[0].distance) == ("ab" * 32, None)


def darker(picture: Picture) -> Picture:
    return (picture * 0.8).astype(np.uint8)


def smaller(picture: Picture) -> Picture:
    return np.asarray(Image.fromarray(picture).resize((150, 113)))


def turned(picture: Picture) -> Picture:
    return np.rot90(picture)


def mirrored(picture: Picture) -> Picture:
    return picture[:, ::-1]


@pytest.mark.parametrize("edit", [darker, smaller, turned, mirrored])
def test_an_edited_copy_is_found_with_its_distance(edit: Callable[[Picture], Picture]) -> None:
    listed = hexadecimal(pdq(waves(1))[0])
    (finding,) = asked(engine(f"pdq:{listed}"), still(edit(waves(1)))).findings
    assert finding.evidence[0].hash == listed
    assert finding.evidence[0].distance is not None
    assert 0 <= finding.evidence[0].distance <= 31
    assert finding.threshold == 31


def test_another_picture_is_not_found() -> None:
    answer = asked(engine(f"pdq:{hexadecimal(pdq(waves(1))[0])}"), still(waves(2)))
    assert answer == Answer(scores={"known_media": 0.0})


def test_a_list_says_how_far_a_copy_may_be() -> None:
    value = bytearray.fromhex(hexadecimal(pdq(waves(1))[0]))
    value[0] ^= 0b00001111
    line = f"pdq:{value.hex()}"
    far = asked(engine(line, max_distance=3), still(waves(1)))
    near = asked(engine(line, max_distance=4), still(waves(1)))
    assert far.findings == ()
    assert [one.distance for one in near.findings[0].evidence] == [4]
    assert far.scores is not None
    assert far.scores["known_media"] == pytest.approx(1 - 4 / 6)
    assert near.scores == {"known_media": 0.5}


def test_each_list_answers_for_itself_with_its_own_label() -> None:
    value = hexadecimal(pdq(waves(1))[0])
    lists = [
        {"name": "one", "lines": [f"pdq:{hexadecimal(pdq(waves(2))[0])}"]},
        {"name": "two", "lines": [f"pdq:{value}"], "label": "child_safety", "action": "block", "severity": "critical"},
        {"name": "three", "lines": [f"sha256:{'00' * 32}"]},
    ]
    several = MediaHash(MediaHashConfig.model_validate({"lists": lists}))
    answer = asked(several, still(waves(1)))
    assert [(one.rule, one.label, one.severity) for one in answer.findings] == [
        ("two", "child_safety", "critical"),
        ("three", "known_media", None),
    ]
    assert [rule.action for rule in several.rules] == ["flag", "block", "flag"]
    assert answer.scores == {"child_safety": 1.0, "known_media": 1.0}


def test_one_listed_frame_of_an_animation_is_found_with_its_time() -> None:
    listed = engine(f"pdq:{hexadecimal(pdq(waves(3))[0])}")
    animation = Media("00" * 32, "image", "GIF", (waves(1), waves(3), waves(2)), (0, 40, 80), 120)
    (finding,) = asked(listed, animation).findings
    assert [(one.frame, one.count) for one in finding.evidence] == [((40, 80), 1)]


def test_each_stretch_of_a_video_has_its_closest_hash() -> None:
    first, second = hexadecimal(pdq(waves(3))[0]), hexadecimal(pdq(waves(2))[0])
    frames = (waves(3), waves(1), waves(2), waves(2))
    video = Media("00" * 32, "video", "MP4", frames, (0, 1000, 2000, 3000), 3500)
    (finding,) = asked(engine(f"pdq:{first}", f"pdq:{second}"), video).findings
    assert [(one.hash, one.distance, one.frame, one.count) for one in finding.evidence] == [
        (first, 0, (0, 1000), 1),
        (second, 0, (2000, 3500), 2),
    ]


def test_a_picture_without_structure_is_like_no_other() -> None:
    flat = np.full((100, 100, 3), 90, dtype=np.uint8)
    assert pdq(flat) == ()
    assert asked(engine(f"pdq:{'0' * 64}"), still(flat)).findings == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (3, 2), (5, 5)])
def test_a_tiny_picture_is_no_trouble(shape: tuple[int, int]) -> None:
    tiny = np.random.default_rng(0).integers(0, 256, size=(*shape, 3), dtype=np.uint8)
    assert asked(engine(f"pdq:{'5a' * 32}"), still(tiny)).status == "ok"


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        (Media("00" * 32, "video", "MP4"), "video_not_decoded"),
        (Media("00" * 32, "image", "unknown"), "not_decoded"),
    ],
)
def test_near_copies_of_what_is_not_decoded_are_not_evaluated(media: Media, reason: str) -> None:
    assert asked(engine(f"pdq:{'5a' * 32}"), media) == Answer(status="not_evaluated", reason=reason)
    assert asked(engine(f"sha256:{'5a' * 32}"), media).status == "ok"


def test_comments_and_blank_lines_are_skipped_and_all_wrong_lines_are_named() -> None:
    engine("# from the exchange", "", f"  pdq:{'0' * 64} near the border", f"sha256:{'1' * 64}")
    with pytest.raises(Refused) as caught:
        engine("pdq:12", f"md5:{'0' * 32}", f"pdq:{'0' * 64}", f"pdq:{'g' * 64}", f"pdq:{'0' * 64}x")
    assert [where for where, _ in caught.value.errors] == [
        f"lists[0] known, lines line {number}" for number in (1, 2, 4, 5)
    ]


def test_lists_of_one_name_and_a_list_of_nothing_are_refused() -> None:
    config = MediaHashConfig.model_validate({"lists": [{"name": "a"}, {"name": "b", "lines": ["#"]}, {"name": "b"}]})
    with pytest.raises(Refused, match=r"lists\[0\] a: names neither `file` nor `lines`"):
        MediaHash(config)


@pytest.mark.parametrize("keys", [{"max_distance": 256}, {"max_distance": -1}, {"words": []}, {"name": "Bad Name"}])
def test_a_wrong_key_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MediaHashConfig.model_validate({"lists": [{"name": "known", "lines": ["#"], **keys}]})


def test_a_hundred_thousand_listed_hashes_are_searched_in_well_under_a_second() -> None:
    listed = [f"pdq:{row.tobytes().hex()}" for row in np.random.default_rng(1).integers(0, 2**63, size=(100_000, 4))]
    large = engine(*listed, f"pdq:{hexadecimal(pdq(waves(1))[0])}")
    started = process_time()
    (finding,) = asked(large, still(turned(waves(1)))).findings
    assert process_time() - started < 0.5
    assert finding.rule == "known"


def test_published_hashes_are_found_in_their_pictures_and_in_the_turned_ones(shared: Path) -> None:
    folder = shared / "data" / "media" / "pdq"
    rows = json.loads((folder / "expected.json").read_bytes())
    original = next(row["pdq"] for row in rows if row["file"].endswith("bridge-1-original.jpg"))
    from_original = engine(f"pdq:{original}")
    for row in rows:
        picture = np.asarray(Image.open(folder / row["file"]).convert("RGB"))
        if row["quality"] < 50:
            assert pdq(picture) == ()
            continue
        published = np.frombuffer(bytes.fromhex(row["pdq"]), dtype=np.uint64)
        assert np.bitwise_count(pdq(picture)[0] ^ published).sum() <= 10, row["file"]
        found = asked(from_original, still(picture)).findings
        assert bool(found) == ("bridge" in row["file"]), row["file"]
