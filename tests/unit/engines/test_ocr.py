import numpy as np
import pytest
from pydantic import ValidationError

from streams.core.engine import Media
from streams.core.finding import Answer
from streams.core.transcript import Transcript
from streams.engines.ocr import Ocr, OcrConfig, drawn


def animation(*lines: str) -> Media:
    """Return one frame for each line, 40 milliseconds each."""
    frames = tuple(drawn(line) for line in lines)
    return Media("00" * 32, "image", "GIF", frames, tuple(40 * place for place in range(len(frames))), 40 * len(frames))


STILL = Media("00" * 32, "image", "PNG", (drawn("buy now"),), (0,))


def test_a_still_picture_is_one_page_without_a_time() -> None:
    (page,) = Ocr(OcrConfig()).read(STILL).pages
    assert (page.text, page.frame) == ("buy now", None)


def test_the_first_frame_the_last_and_those_between_are_read_up_to_the_bound() -> None:
    moving = animation("zero", "one", "two", "three", "four")
    assert [page.text for page in Ocr(OcrConfig(frames=3)).read(moving).pages] == ["zero", "two", "four"]
    assert [page.frame for page in Ocr(OcrConfig(frames=2)).read(moving).pages] == [(0, 40), (160, 200)]
    assert len(Ocr(OcrConfig(frames=32)).read(moving).pages) == 5


def test_frames_that_say_the_same_are_one_page() -> None:
    transcript = Ocr(OcrConfig()).read(animation("buy now", "", "buy now"))
    assert [(page.text, page.frame) for page in transcript.pages] == [("buy now", (0, 40))]


def test_only_so_many_lines_of_a_frame_are_read() -> None:
    both = np.concatenate([drawn("buy now"), drawn("or never")])
    media = Media("00" * 32, "image", "PNG", (both,), (0,))
    assert len(Ocr(OcrConfig()).read(media).pages[0].lines) == 2
    assert Ocr(OcrConfig()).inspect([media]) == [Answer()]
    one = Ocr(OcrConfig(lines=1))
    assert len(one.read(media).pages[0].lines) == 1
    assert one.inspect([media]) == [Answer(reason="more_text_than_is_read")]


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (Media("00" * 32, "video", "MP4"), "video_not_decoded"),
        (Media("00" * 32, "image", "unknown"), "not_decoded"),
    ],
)
def test_what_is_not_decoded_is_not_evaluated(subject: Media, reason: str) -> None:
    assert Ocr(OcrConfig()).inspect([subject]) == [Answer(status="not_evaluated", reason=reason)]


def test_what_is_read_is_put_to_whoever_judges_it() -> None:
    heard: list[Transcript] = []

    def judge(transcript: Transcript) -> Answer:
        heard.append(transcript)
        return Answer(reason="heard")

    ocr = Ocr(OcrConfig())
    ocr.hand_to(judge)
    assert ocr.inspect([animation("buy now")]) == [Answer(reason="heard")]
    assert [page.text for page in heard[0].pages] == ["buy now"]


@pytest.mark.parametrize("config", [{"frames": 0}, {"lines": 1000}, {"threads": 0}, {"language": "ch"}])
def test_a_wrong_key_or_number_is_refused(config: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OcrConfig.model_validate(config)
