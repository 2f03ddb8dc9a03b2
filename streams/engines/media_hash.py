"""Known media: pictures and videos in, findings for those whose hash, or one close to it, stands on a list.

Exact copies by SHA-256 of the stored bytes, near copies by PDQ: a perceptual hash of 256 bits that survives scaling,
recompression, light edits, and, because all eight ways to turn and mirror the picture are hashed, rotation and flips.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

import numpy as np
from pydantic import Field

from streams.core.engine import Accepts, Config, Example, Media, Refused
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.rule import Rule, RuleConfig
from streams.core.timeline import fewer, moves, stretches
from streams.vision.pdq import MAX_DISTANCE, columns, distances, hexadecimal, pdq

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINE: Final = re.compile(r"(sha256|pdq):([0-9a-f]{64})(?:\s.*)?", re.IGNORECASE)


class HashList(RuleConfig):
    """One list of hashes, a rule of its own."""

    label: str = Field(default="known_media", pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    file: str | None = None  # read by the policy's loader, which fills `lines`
    # `sha256:<64 hex>` or `pdq:<64 hex>`, a comment after white space; blank lines and those with `#` are comments
    lines: list[str] = Field(default=[])
    max_distance: int = Field(default=MAX_DISTANCE, ge=0, le=255)  # bits; pictures farther away are different ones


class MediaHashConfig(Config):
    """The lists to compare with; none is allowed."""

    lists: list[HashList] = Field(default=[])


class Near(NamedTuple):
    """The listed PDQ hash that is closest to a frame."""

    distance: int  # bits, 0..256
    row: int  # among all listed PDQ hashes
    frame: int  # index into the frames


class MediaHash:
    """Compares media with lists of hashes."""

    name: ClassVar[str] = "media_hash"
    version: ClassVar[str] = "2"
    accepts: ClassVar[Accepts] = "media"
    Config: ClassVar[type[MediaHashConfig]] = MediaHashConfig

    def __init__(self, config: MediaHashConfig) -> None:
        names = [one.name for one in config.lists]
        errors = [(f"lists {name}", "another list has this name") for name in names if names.count(name) > 1]
        exact: dict[str, list[int]] = {}
        near: list[str] = []
        ends: list[int] = []
        for index, one in enumerate(config.lists):
            if one.file is None and not one.lines:
                errors.append((f"lists[{index}] {one.name}", "names neither `file` nor `lines`"))
            for number, kind, value in _read(one.lines):
                if kind == "sha256":
                    exact.setdefault(value, []).append(index)
                elif kind == "pdq":
                    near.append(value)
                else:
                    where = f"lists[{index}] {one.name}, {one.file or 'lines'} line {number}"
                    errors.append((where, "needs sha256: or pdq: and 64 hexadecimal digits"))
            ends.append(len(near))
        if errors:
            raise Refused(errors)
        self._lists = tuple(config.lists)
        self._exact = exact
        self._near_hex = near
        self._near = columns(near)  # uint64 [4, n]: each column one hash
        self._spans = list(pairwise([0, *ends]))  # the columns of each list
        self.rules: tuple[Rule, ...] = tuple(one.rule(self.name) for one in config.lists)
        self.labels: frozenset[str] = frozenset(one.label for one in config.lists)

    def inspect(self, batch: Sequence[Media]) -> list[Answer]:
        """Answer for each medium; near copies of media without frames are not looked for, and the answer says so."""
        return [self._answer(media) for media in batch]

    def _answer(self, media: Media) -> Answer:
        if not self._lists:
            return NOTHING_FOUND
        exact = frozenset(self._exact.get(media.sha256, ()))
        nearest = self._nearest(media) if self._near_hex else {}
        findings, scores = [], dict.fromkeys(sorted(self.labels), 0.0)
        for index, one in enumerate(self._lists):
            near = nearest.get(index, [])
            score = max((_score(each.distance, one.max_distance) for each in near), default=0.0)
            score = 1.0 if index in exact else score
            scores[one.label] = max(scores[one.label], score)
            if index in exact:
                evidence = Evidence(hash=media.sha256)
                findings.append(Finding(one.label, rule=one.name, severity=one.severity, evidence=(evidence,)))
            elif close := [each for each in near if each.distance <= one.max_distance]:
                findings.append(self._near_copy(one, close, media))
        if not media.frames and self._near_hex and not findings:
            reason = "video_not_decoded" if media.kind == "video" else "not_decoded"
            return Answer(status="not_evaluated", reason=reason)
        return Answer(findings=tuple(findings), scores=scores)

    def _near_copy(self, one: HashList, near: Sequence[Near], media: Media) -> Finding:
        """Return the finding for frames close to a listed hash: with the closest of each stretch of time."""
        by_frame = {each.frame: each for each in near}
        found = fewer(
            stretches({frame: -each.distance for frame, each in by_frame.items()}, media.times_ms, media.end_ms)
        )
        evidence = tuple(
            Evidence(
                hash=self._near_hex[by_frame[each.frame].row],
                distance=by_frame[each.frame].distance,
                frame=each.span if moves(media) else None,
                count=each.frames if moves(media) else None,
            )
            for each in found
        )
        return Finding(
            one.label, rule=one.name, severity=one.severity, threshold=float(one.max_distance), evidence=evidence
        )

    def _nearest(self, media: Media) -> dict[int, list[Near]]:
        """Return, for each list with PDQ hashes, the one closest to each frame in any orientation."""
        found: dict[int, list[Near]] = {}
        for frame, pixels in enumerate(media.frames):
            variants = [distances(self._near, variant) for variant in pdq(pixels)]
            if not variants:
                continue
            nearest = np.min(variants, axis=0)
            for index, (start, end) in enumerate(self._spans):
                if start < end:
                    row = start + int(np.argmin(nearest[start:end]))
                    found.setdefault(index, []).append(Near(int(nearest[row]), row, frame))
        return found

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return an exact copy, a mirrored copy, and a picture that is on no list."""
        picture, other = _drawn(1), _drawn(2)
        mirrored = np.ascontiguousarray(picture[:, ::-1])
        listed = {
            "lists": [
                {"name": "known_bad", "lines": [f"pdq:{hexadecimal(pdq(picture)[0])}", f"sha256:{'ab' * 32}"]},
            ]
        }
        found = frozenset({"known_media"})
        return (
            Example(listed, Media(sha256="ab" * 32, kind="video", format="MP4"), found),
            Example(listed, Media("cd" * 32, "image", "PNG", (mirrored,), (0,)), found),
            Example(listed, Media("cd" * 32, "image", "PNG", (other,), (0,)), frozenset()),
        )


def _drawn(seed: int) -> "NDArray[np.uint8]":
    """Return a picture of soft waves, RGB uint8 [96, 128, 3]."""
    down, across = np.mgrid[0:1:96j, 0:1:128j]
    waves = np.zeros_like(down)
    for turn in range(1, 9):
        waves += np.sin(2.1 * turn * seed * across + turn**2) * np.cos(3.3 * (9 - turn) * down + turn * seed)
    grey = ((waves - waves.min()) / np.ptp(waves) * 255).astype(np.uint8)
    return np.stack([grey, grey, grey], axis=-1)


def _read(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the number, the kind and the lower-case hash of each line; kind and hash are empty where it is wrong."""
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            match = _LINE.fullmatch(text)
            yield (number, match[1].lower(), match[2].lower()) if match else (number, "", "")


def _score(distance: int, most: int) -> float:
    """Return 1 for the same hash, 0.5 and more for a near copy, 0 from twice the allowed distance on."""
    return max(0.0, 1.0 - distance / (2 * most)) if most else float(distance == 0)
