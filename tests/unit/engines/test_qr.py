import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pydantic import ValidationError

from streams.core.engine import Media, Refused
from streams.core.finding import Answer
from streams.core.transcript import Transcript
from streams.engines.qr import Qr, QrConfig, read

Picture = NDArray[np.uint8]
LINK = "https://prizes.example/win"


def code(text: str, **keys: Any) -> Picture:
    """Return a QR code as RGB."""
    drawing = qrcode.QRCode(**{"box_size": 4, **keys})
    drawing.add_data(text)
    return np.asarray(drawing.make_image().get_image().convert("RGB"))


def media(*frames: Picture) -> Media:
    times = tuple(40 * index for index in range(len(frames)))
    return Media("00" * 32, "image", "PNG", frames, times, 40 * len(frames) if len(frames) > 1 else 0)


def asked(picture: Media, **config: Any) -> Answer:
    (answer,) = Qr(QrConfig.model_validate(config)).inspect([picture])
    return answer


def test_a_code_is_found_with_what_it_says_and_where_it_is() -> None:
    page = np.full((400, 600, 3), 230, dtype=np.uint8)
    drawn = code("hello", border=4)
    page[100 : 100 + drawn.shape[0], 250 : 250 + drawn.shape[1]] = drawn
    answer = asked(media(page))
    (finding,) = answer.findings
    assert (finding.label, finding.rule) == ("qr_code", "qr_code")
    (evidence,) = finding.evidence
    assert (evidence.payload, evidence.frame) == ("hello", None)
    assert evidence.box is not None
    left, top, right, bottom = evidence.box
    # four modules of four pixels are quiet zone, 21 modules are code
    assert np.allclose([left, top, right, bottom], [266, 116, 350, 200], atol=4)
    assert answer.scores == {"qr_code": 1.0}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_code_is_read(turns: int) -> None:
    assert [found.payload for found in read(np.ascontiguousarray(np.rot90(code(LINK), turns)))] == [LINK]


def test_a_light_code_on_dark_and_a_mirrored_one_are_read() -> None:
    assert [found.payload for found in read(255 - code(LINK))] == [LINK]
    assert [found.payload for found in read(np.ascontiguousarray(code(LINK)[:, ::-1]))] == [LINK]


def test_a_small_blurred_and_a_noisy_code_are_read() -> None:
    small = Image.fromarray(code(LINK, box_size=2)).filter(ImageFilter.GaussianBlur(0.9))
    assert [found.payload for found in read(np.asarray(small))] == [LINK]
    chance = np.random.default_rng(3).normal(0, 70, code(LINK).shape)
    noisy = (code(LINK) + chance).clip(0, 255).astype(np.uint8)
    assert [found.payload for found in read(noisy)] == [LINK]


@pytest.mark.parametrize("box_size", [1, 2, 4])
def test_a_code_has_its_place_in_whatever_form_it_was_read(box_size: int) -> None:
    page = np.full((300, 300, 3), 230, dtype=np.uint8)
    drawn = code("hello", box_size=box_size, border=4)
    page[100 : 100 + drawn.shape[0], 150 : 150 + drawn.shape[1]] = drawn
    (found,) = read(np.asarray(Image.fromarray(page).filter(ImageFilter.GaussianBlur(0.4 * box_size))))
    first, last = 150 + 4 * box_size, 150 + 25 * box_size
    assert np.allclose(found.box, [first, first - 50, last, last - 50], atol=2 + box_size)


def test_what_codes_say_is_handed_over_with_links_in_their_plain_spelling() -> None:
    both = np.concatenate([code("HTTPS://BAD.EXAMPLE/A"), code("call 12345 today!")], axis=1)
    heard: list[Transcript] = []

    def judge(transcript: Transcript) -> Answer:
        heard.append(transcript)
        return transcript.answer

    qr = Qr(QrConfig())
    qr.hand_to(judge)
    (answer,) = qr.inspect([media(both)])
    (page,) = heard[0].pages
    assert sorted(line.text for line in page.lines) == [
        "HTTPS://BAD.EXAMPLE/A",
        "call 12345 today!",
        "https://bad.example/A",
    ]
    assert [finding.rule for finding in answer.findings] == ["qr_code"]


def test_control_characters_come_back_as_they_are() -> None:
    assert [found.payload for found in read(code("a\x01\nb"))] == ["a\x01\nb"]


def test_a_picture_without_a_code_scores_nothing() -> None:
    assert asked(media(np.full((80, 80, 3), 128, dtype=np.uint8))) == Answer(scores={"qr_code": 0.0})


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 3), (65, 65)])
def test_a_tiny_picture_is_no_trouble(shape: tuple[int, int]) -> None:
    assert asked(media(np.zeros((*shape, 3), dtype=np.uint8))).findings == ()


def test_several_codes_of_a_picture_and_of_all_frames_are_found_once_each() -> None:
    both = np.concatenate([code("one"), code("two")], axis=1)
    plain = np.full_like(both, 255)
    (finding,) = asked(media(plain, both, both)).findings
    assert sorted((one.payload, one.frame, one.count) for one in finding.evidence) == [
        ("one", (40, 120), 2),
        ("two", (40, 120), 2),
    ]


def test_a_code_that_comes_again_has_two_stretches_of_time_and_its_payload_once() -> None:
    shown, plain = code("one"), np.full_like(code("one"), 255)
    (finding,) = asked(media(shown, plain, plain, shown, shown)).findings
    assert [(one.payload, one.frame, one.count) for one in finding.evidence] == [
        ("one", (0, 40), 1),
        (None, (120, 200), 2),
    ]
    assert all(one.box is not None for one in finding.evidence)


@pytest.mark.parametrize(
    ("payload", "blocked"),
    [
        (LINK, True),
        ("HTTPS://PRIZES.EXAMPLE/WIN", True),
        ("https://prizes.example", True),
        ("https://bank.com@prizes.example/x", True),
        (r"MEBKM:TITLE:x;URL:https\://prizes.example/x;;", True),
        ("prizes.example/x", True),
        ("https://other.test/prizes.example/", False),
        ("prizes, example, nothing else", False),
    ],
)
def test_a_blocked_link_is_found_however_it_is_spelled(payload: str, *, blocked: bool) -> None:
    answer = asked(media(code(payload)), blocked_links=[r"^https?://[^/]*\.example/"])
    assert [finding.rule for finding in answer.findings] == ["qr_code", "blocked_link"][: 1 + blocked]


def test_rules_say_what_codes_and_blocked_links_lead_to() -> None:
    plain = Qr(QrConfig())
    assert [(rule.name, rule.action, rule.mode) for rule in plain.rules] == [("qr_code", "flag", "enforce")]
    config = {"action": "allow", "blocked_links": ["x"], "severity": "high", "mode": "shadow", "escalate": True}
    both = Qr(QrConfig.model_validate(config)).rules
    assert [(rule.name, rule.action) for rule in both] == [("qr_code", "allow"), ("blocked_link", "block")]
    assert {(rule.label, rule.severity, rule.mode, rule.escalate) for rule in both} == {
        ("qr_code", "high", "shadow", True)
    }


def test_a_long_payload_is_cut_in_the_evidence_and_judged_whole() -> None:
    long = "7" * 5000
    answer = asked(media(code(long, error_correction=qrcode.constants.ERROR_CORRECT_L)))
    assert answer.findings[0].evidence[0].payload == "7" * 4096


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (Media("00" * 32, "video", "MP4"), "video_not_decoded"),
        (Media("00" * 32, "image", "unknown"), "not_decoded"),
    ],
)
def test_what_is_not_decoded_is_not_evaluated(subject: Media, reason: str) -> None:
    assert asked(subject) == Answer(status="not_evaluated", reason=reason)


def test_all_patterns_that_cannot_be_compiled_are_named() -> None:
    with pytest.raises(Refused) as caught:
        Qr(QrConfig(blocked_links=["(?=x)", "fine", "(", r"(a)\1", "(x{1000}){1000}"]))
    assert [where for where, _ in caught.value.errors] == [f"blocked_links[{number}]" for number in (0, 2, 3, 4)]


@pytest.mark.parametrize("config", [{"action": "explode"}, {"blocked_links": [""]}, {"links": []}, {"name": "x"}])
def test_a_wrong_key_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        QrConfig.model_validate(config)


def labelled(folder: Path) -> list[tuple[str, bool, str, bool]]:
    """Return each picture: name, whether it holds a code, the text that is known of it, whether that is all of it.

    Texts of several lines are cut off in the table, so that csv cannot read it.
    """
    rows = []
    table = (folder / "labels.csv").read_text()
    for line in re.split(r"\n(?=(?:fluent_emoji_3d|pii_presidio|playing_cards|qr_negative|qr_zxing)/)", table)[1:]:
        name, positive, _, _, rest = line.split(",", 4)
        whole = re.match(r"(.*?),zxing/zxing@", rest, re.DOTALL)
        text = whole[1] if whole else rest
        quoted = text.removeprefix('"')
        rows.append((name, "qr_code" in positive, quoted.strip('"') if whole else quoted, whole is not None))
    return rows


def test_real_codes_are_read_exactly_and_other_pictures_hold_none(shared: Path) -> None:
    folder = shared / "data" / "media" / "images"
    exact = codes = 0
    for name, positive, text, whole in labelled(folder):
        with Image.open(folder / name) as picture:
            found = [one.payload for one in read(np.asarray(picture.convert("RGBA").convert("RGB")))]
        if not positive:
            assert found == [], name
            continue
        codes += 1
        exact += any(one == text if whole else one.startswith(text) for one in found)
    assert codes == 62
    assert exact == 62
