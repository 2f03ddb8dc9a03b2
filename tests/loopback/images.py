"""Rekognition on pictures, on loopback: the documented limits enforced, answers chosen by SHA-256 or by the key."""

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from PIL import Image

from tests.loopback.aws import Handler, Refusal, Said, given_bytes, said

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MOST_BYTES: Final = 5 << 20  # of a picture in the request
MOST_STORED: Final = 15 << 20  # of a picture in a bucket
SHORTEST, LONGEST = 80, 10_000  # pixels a side
FORMATS: Final = ("JPEG", "PNG")
LEAST: Final = 50.0  # MinConfidence where a request names none
MODEL: Final = "7.0"

Label = tuple[str, str, float]  # name, parent's name, confidence
Stored = Callable[[str, str, str | None], bytes | None]  # bucket, key, version -> the bytes, None where there are none

# What a picture shows that nobody told of, by the first bits of its hash.
SHOWN: Final[Sequence[Sequence[Label]]] = (
    (),
    (("Swimwear or Underwear", "", 88.0), ("Female Swimwear or Underwear", "Swimwear or Underwear", 88.0)),
    (("Violence", "", 93.0), ("Weapons", "Violence", 93.0)),
    (("Alcohol", "", 62.0), ("Alcoholic Beverages", "Alcohol", 62.0)),
)


class Line(NamedTuple):
    """A line of text in a picture."""

    text: str
    confidence: float = 99.0
    box: tuple[float, float, float, float] = (0.1, 0.2, 0.5, 0.1)  # left, top, width, height: shares of the picture


def nothing_stored(_bucket: str, _key: str, _version: str | None) -> bytes | None:
    """Return that a bucket holds nothing."""
    return None


class Images:
    """Answers DetectModerationLabels and DetectText."""

    def __init__(
        self,
        stored: Stored = nothing_stored,
        *,
        by_hash: Mapping[str, Sequence[Label]] | None = None,
        by_key: Iterable[tuple[str, Sequence[Label]]] = (),
        lines: Mapping[str, Sequence[Line]] | None = None,
        adapters: Iterable[str] = (),
        expired: Iterable[str] = (),
        model: str = MODEL,
    ) -> None:
        """Take what lies in buckets, labels by SHA-256 and by pattern of the key, lines by SHA-256, and adapters."""
        self._stored = stored
        self._by_hash = dict(by_hash or {})
        self._by_key = [(re.compile(pattern), labels) for pattern, labels in by_key]
        self._lines = dict(lines or {})
        self._adapters, self._expired = frozenset(adapters), frozenset(expired)
        self.model = model

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by target."""
        return {
            "RekognitionService.DetectModerationLabels": self.moderation,
            "RekognitionService.DetectText": self.text,
        }

    def moderation(self, request: dict[str, Any]) -> Said:
        """Return the labels of a picture from MinConfidence on."""
        data, key = self._picture(request)
        digest = sha256(data).hexdigest()
        least = request.get("MinConfidence", LEAST)
        if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 100:
            raise Refusal("InvalidParameterException", subject=digest)
        adapter = request.get("ProjectVersion")
        if adapter is not None and adapter not in self._adapters | self._expired:
            raise Refusal("ResourceNotFoundException", subject=digest)
        labels = [
            {"Name": name, "ParentName": parent, "Confidence": confidence, "TaxonomyLevel": self._level(parent, shown)}
            for shown in [self._shown(digest, key)]
            for name, parent, confidence in shown
            if confidence >= least
        ]
        answer: dict[str, Any] = {
            "ModerationLabels": labels,
            "ModerationModelVersion": self.model,
            "ContentTypes": [],
        }
        if adapter in self._adapters:
            answer["ProjectVersion"] = adapter
        return said(answer, digest)

    def text(self, request: dict[str, Any]) -> Said:
        """Return the lines of a picture, and each line's words beside it."""
        data, _ = self._picture(request)
        digest = sha256(data).hexdigest()
        found: list[dict[str, Any]] = []
        for line in self._lines.get(digest, ()):
            number = len(found)
            found.append(_detection(number, "LINE", line.text, line))
            for word in line.text.split():
                found.append({**_detection(len(found), "WORD", word, line), "ParentId": number})
        return said({"TextDetections": found, "TextModelVersion": "3.0"}, digest)

    def _picture(self, request: dict[str, Any]) -> tuple[bytes, str]:
        """Return the bytes of a picture and its key; raise Refusal where a limit is broken."""
        image = request.get("Image") or {}
        reference = image.get("S3Object")
        if (reference is None) == ("Bytes" not in image):
            raise Refusal("InvalidParameterException")
        key = ""
        if reference is None:
            data, most = given_bytes(image["Bytes"]), MOST_BYTES
        else:
            key = reference["Name"]
            stored = self._stored(reference["Bucket"], key, reference.get("Version"))
            if stored is None:
                raise Refusal("InvalidS3ObjectException")
            data, most = stored, MOST_STORED
        digest = sha256(data).hexdigest()
        if len(data) > most:
            raise Refusal("ImageTooLargeException", subject=digest)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                sides = picture.size
        except Exception:  # noqa: BLE001  decoders raise anything
            raise Refusal("InvalidImageFormatException", subject=digest) from None
        if min(sides) < SHORTEST:
            raise Refusal("InvalidParameterException", subject=digest)
        if max(sides) > LONGEST:
            raise Refusal("ImageTooLargeException", subject=digest)
        return data, key

    def _shown(self, digest: str, key: str) -> Sequence[Label]:
        if digest in self._by_hash:
            return self._by_hash[digest]
        for pattern, labels in self._by_key:
            if pattern.search(key):
                return labels
        return SHOWN[int(digest[0], 16) % len(SHOWN)]

    def _level(self, parent: str, shown: Sequence[Label]) -> int:
        level, parents = 1, {name: above for name, above, _ in shown}
        while parent:
            level, parent = level + 1, parents.get(parent, "")
        return level


def _detection(number: int, kind: str, text: str, line: Line) -> dict[str, Any]:
    left, top, width, height = line.box
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    return {
        "DetectedText": text,
        "Type": kind,
        "Id": number,
        "Confidence": line.confidence,
        "Geometry": {
            "BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height},
            "Polygon": [{"X": x, "Y": y} for x, y in corners],
        },
    }
