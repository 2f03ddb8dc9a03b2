"""Text in pictures: a frame in, lines with their places and confidences out.

PP-OCRv6 (small) as rapidocr carries it: one network finds lines, another reads them. The networks come out of the
pinned package as bytes, checked by their hash, and rapidocr is handed the sessions: it opens no file, and has no
occasion to download one.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.models.session import session
from streams.models.weights import Weights

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float32]  # [4, 2]: x and y of top left, top right, bottom right, bottom left

# The two networks, Apache-2.0.
DETECTION: Final = Weights(
    "rapidocr",
    "3.10.0",
    "rapidocr/models/PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "media",
)
RECOGNITION: Final = Weights(
    "rapidocr",
    "3.10.0",
    "rapidocr/models/PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "media",
)

# Pixels in which lines are looked for, whatever the sides: 150 ms for so many, nothing is enlarged to them.
SOUGHT: Final = 800 * 800
MOST_LINES: Final = 200  # of one frame, the tallest
# A line is read at this height, pixels, and at least so many times as wide: 1,000 pixels of width take 80 ms.
HEIGHT: Final = 48
MINIMAL: Final = 320 / 48
MOST_WIDTH: Final = 40_000  # pixels of all lines of a frame together: a densely printed page
SURE: Final = 0.5  # below it a line is no text: rapidocr's own bound
# A line that is read worse than this is read again upside down, and the better reading counts.
DOUBTFUL: Final = 0.9
CUT_FROM: Final = 4_000_000  # pixels of the picture from which lines are cut: the reader looks at no more detail
LEAST: Final = 32  # pixels of the shorter side: what is smaller is framed with its own edge
# Height to width beyond which a picture is looked through in pieces twice as high as wide, as long screenshots are.
TALL: Final = 4
MOST_PIECES: Final = 8
UPRIGHT: Final = 1.5  # height to width from which rapidocr reads a line as running downwards
BESIDE: Final = 0.5  # of the lower line's height: what differs less across the lines stands in one row


class Read(NamedTuple):
    """One line of a frame."""

    text: str
    box: tuple[int, int, int, int]  # left, top, right, bottom in pixels, within the frame
    confidence: float  # 0..1
    beside: bool = False  # the line before it, in the same row


class Seen(NamedTuple):
    """What was read of a frame."""

    lines: list[Read]
    more: bool  # there were more lines than are read


class _Said(NamedTuple):
    """What a line cut out of a picture says, how sure that is, and whether it stood upside down."""

    text: str
    sure: float  # 0..1
    turned: bool = False


class _Line(NamedTuple):
    """A line on its way to its place among the others."""

    read: Read
    corners: Corners
    turned: bool


class _Given(dict[str, Any]):
    """Settings as rapidocr's parts take them: by key and by attribute."""

    __getattr__ = dict.__getitem__


class Ocr:
    """Finds and reads lines. Thread-safe."""

    def __init__(self, *, threads: int = 1) -> None:
        """Load both networks; raise Missing where the pinned package is absent or holds other files."""
        detection, recognition = session(DETECTION.read(), threads), session(RECOGNITION.read(), threads)
        import cv2  # noqa: PLC0415  only once the files are known to be right
        from rapidocr import EngineType, LangRec  # noqa: PLC0415
        from rapidocr.ch_ppocr_det import TextDetector  # noqa: PLC0415
        from rapidocr.ch_ppocr_rec import TextRecInput, TextRecognizer  # noqa: PLC0415
        from rapidocr.utils.process_img import get_rotate_crop_image  # noqa: PLC0415

        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)  # it writes to the standard error by itself
        cv2.setNumThreads(threads)
        given = {"engine_type": EngineType.ONNXRUNTIME}
        # What is not said here is rapidocr 3.10.0's own default.
        self._find = TextDetector(
            _Given(
                given,
                session=detection,
                limit_type="max",
                limit_side_len=CUT_FROM,  # no limit of its own
                mean=[0.5, 0.5, 0.5],
                std=[0.5, 0.5, 0.5],
                unclip_ratio=1.6,
            )
        )
        # One line at a time: in a batch all are padded to the longest, which takes longer and changes what is read.
        self._read = TextRecognizer(
            _Given(
                given,
                session=recognition,
                lang_type=LangRec.CH,  # Chinese and every Latin letter
                font_path=None,
                rec_batch_num=1,
                rec_img_shape=[3, HEIGHT, round(HEIGHT * MINIMAL)],
            )
        )
        self._asked, self._cut, self._resized = TextRecInput, get_rotate_crop_image, cv2.resize
        self._area = cv2.INTER_AREA

    def __call__(self, frame: Pixels, most: int = MOST_LINES, width: int = MOST_WIDTH) -> Seen:
        """Return the lines of a frame, RGB uint8 [height, width, 3], in reading order.

        Where there are more than `most`, or together longer than `width` pixels at HEIGHT, the tallest are read.
        """
        scale = max(1.0, math.sqrt(frame.shape[0] * frame.shape[1] / CUT_FROM))
        high, wide = (max(1, round(side / scale)) for side in frame.shape[:2])
        smaller: Any = self._resized(frame, (wide, high), interpolation=self._area) if scale > 1 else frame
        picture: Pixels = np.ascontiguousarray(smaller[..., ::-1])  # the networks learnt from blue, green, red
        found = [
            corners + np.array([0, top], np.float32)
            for top, piece in _pieces(picture)
            for corners in self._corners(piece)
        ]
        chosen = _tallest(found, most, width)
        lines = []
        for place in chosen:
            said = self._line(self._cut(picture, found[place]))
            if said is not None:
                read = Read(said.text, _box(found[place], scale, wide, high), said.sure)
                lines.append(_Line(read, found[place], said.turned))
        return Seen(_ordered(lines), len(chosen) < len(found))

    def _corners(self, piece: Pixels) -> Iterator[Corners]:
        """Yield the four corners of each line of a piece, [4, 2] as x and y, from top to bottom, then left to right."""
        height, width = piece.shape[:2]
        below, beside = max(0, LEAST - height), max(0, LEAST - width)
        framed: Any = np.pad(piece, ((0, below), (0, beside), (0, 0)), mode="edge") if below or beside else piece
        shrunk = max(1.0, math.sqrt(height * width / SOUGHT))
        if shrunk > 1:
            framed = self._resized(framed, None, fx=1 / shrunk, fy=1 / shrunk, interpolation=self._area)
        found = self._find(framed).boxes
        if found is not None:
            yield from found.astype(np.float32) * np.float32(shrunk)

    def _line(self, cut: Pixels) -> _Said | None:
        """Return what a line says; None for what is no text."""
        said = self._said(cut)
        aspect = max(cut.shape[:2]) / max(1, min(cut.shape[:2]))
        if _worth(said, aspect) < DOUBTFUL:
            turned = self._said(np.ascontiguousarray(cut[::-1, ::-1]))
            said = max(said, turned._replace(turned=True), key=lambda each: _worth(each, aspect))
        return said if said.sure >= SURE and said.text.strip() else None

    def _said(self, cut: Pixels) -> _Said:
        read = self._read(self._asked(img=[cut]))
        return _Said(str(read.txts[0]), float(read.scores[0]))


@cache
def shared_ocr(threads: int) -> Ocr:
    """Return the process's reader with so many threads: policies and engines share it."""
    return Ocr(threads=threads)


def _pieces(picture: Pixels) -> Iterator[tuple[int, Pixels]]:
    """Yield (top, pixels) of what is looked through at a time: the picture, or pieces of a very tall one.

    Looked at as a whole, the lines of a long screenshot would be too small to be found. Wide pictures are not cut: that
    would go through their lines.
    """
    height, width = picture.shape[:2]
    if height <= TALL * width or height * width <= SOUGHT:
        yield 0, picture
        return
    number = min(MOST_PIECES, round(height / (2 * width)))
    reach = max(1, width // 4)
    edges = [0, *(_quietest(picture, round(height * cut / number), reach) for cut in range(1, number)), height]
    for top, end in pairwise(edges):
        yield top, picture[top:end]


def _quietest(picture: Pixels, row: int, reach: int) -> int:
    """Return the row near another one along which the picture changes least: between lines rather than through one."""
    first = row - reach
    near = picture[first : row + reach, :, 1].astype(np.int16)
    return first + int(np.abs(np.diff(near, axis=1)).sum(axis=1).argmin())


def _worth(said: _Said, aspect: float) -> float:
    """Return how sure a reading is, less where it leaves much of the line unread, as upside down it may.

    Characters are narrower than a line is high: there are more of them than `aspect`, the line's width to its height.
    """
    return said.sure * min(1.0, len(said.text) / aspect)


def _ordered(lines: Sequence[_Line]) -> list[Read]:
    """Return the lines in the order in which they are read, however the picture is turned or slanted."""
    if not lines:
        return []
    along = np.sum([_direction(line) * len(line.read.text) for line in lines], axis=0)
    along = along / (np.linalg.norm(along) or 1.0)
    across = np.array([-along[1], along[0]])  # from one line to the next
    places = [
        (float(centre @ across), float(centre @ along)) for centre in (line.corners.mean(axis=0) for line in lines)
    ]
    rows: list[list[int]] = []
    for place in sorted(range(len(lines)), key=places.__getitem__):
        before = rows[-1][-1] if rows else place
        apart = abs(places[place][0] - places[before][0])
        if not rows or apart > BESIDE * min(_height(lines[place].corners), _height(lines[before].corners)):
            rows.append([])
        rows[-1].append(place)
    ordered = [sorted(row, key=lambda place: places[place][1]) for row in rows]
    return [lines[place].read._replace(beside=number > 0) for row in ordered for number, place in enumerate(row)]


def _direction(line: _Line) -> NDArray[np.float64]:
    """Return in which direction a line is read, of length 1."""
    top_left, top_right, _, bottom_left = line.corners.astype(np.float64)
    # As rapidocr cuts lines out: what is higher than wide by half runs downwards, or upwards when it is read turned.
    upright = np.linalg.norm(bottom_left - top_left) >= UPRIGHT * np.linalg.norm(top_right - top_left)
    vector = bottom_left - top_left if upright else top_right - top_left
    unit: NDArray[np.float64] = vector / (np.linalg.norm(vector) or 1.0)
    return -unit if line.turned else unit


def _tallest(found: Sequence[Corners], most: int, width: int) -> list[int]:
    """Return the places of the tallest lines that may be read, in order."""
    heights = [_height(corners) for corners in found]
    widths = [HEIGHT * max(MINIMAL, _length(corners) / height) for corners, height in zip(found, heights, strict=True)]
    order = sorted(range(len(found)), key=lambda place: -heights[place])
    within = np.cumsum([widths[place] for place in order]) <= width
    return sorted(place for place, fits in zip(order[:most], within.tolist(), strict=False) if fits)


def _length(corners: Corners) -> float:
    """Return the longer side of a line."""
    return float(max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[0] - corners[3])))


def _height(corners: Corners) -> float:
    """Return the shorter side of a line."""
    return float(min(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[0] - corners[3])))


def _box(corners: Corners, scale: float, width: int, height: int) -> tuple[int, int, int, int]:
    """Return the box around the corners in pixels of the frame, which is `scale` times as large as its sides here."""
    across, down = corners[:, 0].clip(0, width) * scale, corners[:, 1].clip(0, height) * scale
    return int(across.min()), int(down.min()), int(np.ceil(across.max())), int(np.ceil(down.max()))
