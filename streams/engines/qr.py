"""QR codes: pictures in, what their codes say out, and whether a link in one is blocked.

Reads QR, Micro QR and rMQR codes, turned, mirrored and inverted ones too, on every frame. What a code says is also put
to the text engines of the policy: their lists and patterns hold for a link or a number in a code, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple

import cv2
import msgspec
import numpy as np
import re2
import zxingcpp
from pydantic import Field

from streams.core.engine import Accepts, Config, Example, Media, Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.core.label import Severity
from streams.core.link import links
from streams.core.rule import Mode, PolicyAction, Rule
from streams.core.timeline import fewer, moves, stretches
from streams.core.transcript import Judge, Line, Page, Transcript, sample, unjudged

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABEL: Final = "qr_code"
MOST_CODES: Final = 8  # in the evidence of one finding
MOST_PAYLOAD: Final = 4096  # characters in the evidence of one finding; a QR code holds at most 7,089 digits
MOST_STRETCHES: Final = 8  # of one code in a video
MOST_PATTERNS: Final = 2000
MAX_MEM: Final = 8 << 20  # bytes that one compiled pattern may take
# Below this height or width a picture is not searched again at half its size: nothing would be left.
HALVED_FROM: Final = 64  # pixels
ENLARGED_TO: Final = 1 << 21  # pixels: a picture that would have more is not searched at twice its size
# Unsharp masking of an enlarged picture: how far the surroundings reach, pixels, and how much they count.
REACH: Final = 5
STRENGTH: Final = 3
FORMATS: Final = (
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.MicroQRCode,
    zxingcpp.BarcodeFormat.RMQRCode,
)


class QrConfig(Config):
    """What codes and blocked links lead to."""

    action: PolicyAction = "flag"
    # RE2, searched in every link of a payload, as written and with scheme and host in lower case
    blocked_links: list[Annotated[str, Field(min_length=1, max_length=1000)]] = Field(
        default=[], max_length=MOST_PATTERNS
    )
    blocked_action: PolicyAction = "block"
    severity: Severity | None = None
    mode: Mode = "enforce"
    escalate: bool = False
    why: str | None = Field(default=None, max_length=500)


class Code(NamedTuple):
    """One code on one frame."""

    payload: str
    box: tuple[int, int, int, int]  # left, top, right, bottom in pixels
    frame: int  # index into the frames


Codes = dict[str, dict[int, Code]]  # by payload and frame, in the order in which they are seen


class Qr:
    """Reads the codes of pictures."""

    name: ClassVar[str] = "qr"
    version: ClassVar[str] = "2"
    accepts: ClassVar[Accepts] = "media"
    Config: ClassVar[type[QrConfig]] = QrConfig

    def __init__(self, config: QrConfig) -> None:
        compiled, errors = [], []
        for index, pattern in enumerate(config.blocked_links):
            try:
                compiled.append(_compiled(pattern))
            except ValueError as error:
                errors.append((f"blocked_links[{index}]", str(error)))
        if errors:
            raise Refused(errors)
        self._blocked = tuple(compiled)
        cv2.setNumThreads(1)  # pictures are searched side by side
        self._severity = config.severity
        self._judge: Judge = unjudged
        rules = [_rule(config, LABEL, config.action)]
        if self._blocked:
            rules.append(_rule(config, "blocked_link", config.blocked_action))
        self.rules: tuple[Rule, ...] = tuple(rules)
        self.labels: frozenset[str] = frozenset({LABEL})

    def hand_to(self, judge: Judge) -> None:
        """Have what codes say judged by the text engines of the policy, too."""
        self._judge = judge

    def inspect(self, batch: Sequence[Media]) -> list[Answer]:
        """Answer for each medium: a finding for its codes, one for those with a blocked link, and what others find."""
        return [self._judge(self.read(media)) for media in batch]

    def read(self, media: Media) -> Transcript:
        """Return what the codes of a medium lead to by themselves, and what they say, each where it is seen first."""
        if not media.frames:
            reason = "video_not_decoded" if media.kind == "video" else "not_decoded"
            return Transcript(Answer(status="not_evaluated", reason=reason))
        codes: Codes = {}
        for index, pixels in enumerate(media.frames):
            for code in read(pixels, index):
                codes.setdefault(code.payload, {}).setdefault(index, code)
        findings = []
        if codes:
            findings.append(self._finding(LABEL, codes.values(), media))
        if blocked := [seen for payload, seen in codes.items() if self._is_blocked(payload)]:
            findings.append(self._finding("blocked_link", blocked, media))
        answer = Answer(findings=tuple(findings), scores={LABEL: float(bool(codes))})
        pages = tuple(_pages([next(iter(seen.values())) for seen in codes.values()], media))
        return Transcript(answer, pages, prose=False)

    def _is_blocked(self, payload: str) -> bool:
        return bool(self._blocked) and any(pattern.search(link) for link in links(payload) for pattern in self._blocked)

    def _finding(self, rule: str, codes: Iterable[Mapping[int, Code]], media: Media) -> Finding:
        evidence: list[Evidence] = []
        room = MOST_PAYLOAD
        for seen in list(codes)[:MOST_CODES]:
            for one in _places(seen, media):
                evidence.append(msgspec.structs.replace(one, payload=(one.payload or "")[:room] or None))
                room = max(0, room - len(one.payload or ""))
        return Finding(LABEL, rule=rule, severity=self._severity, evidence=tuple(evidence))

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return a code with a blocked link and a picture without a code."""
        config: dict[str, Any] = {"blocked_links": [r"^https?://[^/]*\.example/"]}
        drawn = zxingcpp.create_barcode("HTTPS://PRIZES.EXAMPLE/WIN", zxingcpp.BarcodeFormat.QRCode)
        grey = np.array(zxingcpp.write_barcode_to_image(drawn, scale=4, add_quiet_zones=True))
        picture = np.stack([grey, grey, grey], axis=-1)
        plain = np.full_like(picture, 200)
        return (
            Example(config, Media("ab" * 32, "image", "PNG", (picture,), (0,)), frozenset({LABEL})),
            Example(config, Media("cd" * 32, "image", "PNG", (plain,), (0,)), frozenset()),
        )


def _places(seen: Mapping[int, Code], media: Media) -> list[Evidence]:
    """Return where a code is seen: its box, and each stretch of time with the box at its start; the payload once."""
    first = next(iter(seen.values()))
    if not moves(media):
        return [Evidence(box=first.box, payload=first.payload)]
    found = fewer(stretches(dict.fromkeys(seen, 1.0), media.times_ms, media.end_ms), MOST_STRETCHES)
    return [
        Evidence(
            box=seen[one.frame].box,
            frame=one.span,
            count=one.frames,
            payload=first.payload if number == 0 else None,
        )
        for number, one in enumerate(found)
    ]


def _pages(codes: Sequence[Code], media: Media) -> Iterator[Page]:
    """Yield what the codes of each frame say; links also in their plain spelling, which patterns are written for."""
    for frame in sorted({code.frame for code in codes}):
        lines = []
        for code in codes:
            if code.frame == frame:
                plain = [link for link in links(code.payload) if link not in code.payload]
                lines += [Line(text, code.box) for text in (code.payload, *plain)]
        yield Page(tuple(lines), sample(media, frame))


def read(pixels: "NDArray[np.uint8]", frame: int = 0) -> list[Code]:
    """Return the codes of one frame, RGB uint8 [height, width, 3].

    A picture without any is searched again in other forms, each of which brings out codes that the others lose: at half
    its size (gaps of designed codes), that enlarged again (noise), enlarged and sharpened (blurred and small codes).
    """
    grey = _grey(pixels)
    for form, scale in _forms(grey):
        if codes := _codes(form, scale, frame):
            return codes
    return []


def _forms(grey: "NDArray[np.uint8]") -> "Iterator[tuple[NDArray[np.uint8], float]]":
    """Yield the picture and its other forms, each with how many pixels of the picture one of the form is, a side."""
    yield grey, 1
    if min(grey.shape) >= HALVED_FROM:
        half = _halved(grey)
        yield half, 2
        yield _enlarged(half), 1
    if grey.size * 4 <= ENLARGED_TO:
        large = _enlarged(grey)
        around = cv2.blur(large, (2 * REACH + 1, 2 * REACH + 1))
        yield cv2.addWeighted(large, 1 + STRENGTH, around, -STRENGTH, 0).astype(np.uint8), 0.5


def _enlarged(grey: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return the picture at twice its size."""
    height, width = grey.shape
    return cv2.resize(grey, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _grey(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return the luma of a picture, uint8 [height, width]."""
    luma = np.multiply(pixels[..., 0], 77, dtype=np.uint16)  # weights of ITU-R BT.601, times 256
    luma += np.multiply(pixels[..., 1], 150, dtype=np.uint16)
    luma += np.multiply(pixels[..., 2], 29, dtype=np.uint16)
    grey: NDArray[np.uint8] = (luma >> 8).astype(np.uint8)
    return grey


def _halved(grey: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return the means of each two by two pixels; an odd last row or column is dropped."""
    height, width = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
    blocks = grey[:height, :width].astype(np.uint16)
    rows = blocks[::2] + blocks[1::2]
    halved: NDArray[np.uint8] = ((rows[:, ::2] + rows[:, 1::2]) >> 2).astype(np.uint8)
    return halved


def _codes(grey: "NDArray[np.uint8]", scale: float, frame: int) -> list[Code]:
    # Plain: control characters as they are, not as the names of control characters.
    found = zxingcpp.read_barcodes(grey, formats=FORMATS, text_mode=zxingcpp.TextMode.Plain)
    return [Code(_text(code), _box(code.position, scale), frame) for code in found]


def _text(code: Any) -> str:
    # Half a surrogate pair could not be written down.
    return str(code.text).encode(errors="replace").decode()


def _box(position: Any, scale: float) -> tuple[int, int, int, int]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across = [max(0, round(corner.x * scale)) for corner in corners]
    down = [max(0, round(corner.y * scale)) for corner in corners]
    return min(across), min(down), max(across), max(down)


def _rule(config: QrConfig, name: str, action: Any) -> Rule:
    return Rule(
        engine=Qr.name,
        name=name,
        label=LABEL,
        action=action,
        severity=config.severity,
        mode=config.mode,
        escalate=config.escalate,
        why=config.why,
    )


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = MAX_MEM
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"RE2 refuses it ({_said(error)}): no look-around, no back-reference") from None


def _said(error: Exception) -> str:
    text = error.args[0] if error.args else "no reason"
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
