"""Sniffing: the first bytes of a file in, the format out. Names and content types are the uploader's word."""

from typing import Final, Literal

PictureFormat = Literal["JPEG", "PNG", "WEBP", "GIF"]
VideoFormat = Literal["MP4", "WEBM", "MATROSKA"]
PICTURES: Final = frozenset({"JPEG", "PNG", "WEBP", "GIF"})

MAGIC: Final[tuple[tuple[bytes, PictureFormat], ...]] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
# Brands of ISO base media files that hold no film: HEIF, AVIF and raw stills.
STILL_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"crx "}
)
# First boxes of QuickTime files older than the `ftyp` box.
QUICKTIME_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
EBML: Final = b"\x1a\x45\xdf\xa3"
EBML_HEADER: Final = 64  # bytes among which the document type stands


def sniffed(data: bytes) -> PictureFormat | VideoFormat | None:
    """Return the format of a file; None for anything that is not read here.

    `MP4` stands for the whole ISO base media family, QuickTime included.
    """
    for magic, name in MAGIC:
        if data.startswith(magic):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(EBML):
        return "WEBM" if b"webm" in data[:EBML_HEADER] else "MATROSKA"
    box = data[4:8]
    film = (box == b"ftyp" and data[8:12] not in STILL_BRANDS) or box in QUICKTIME_BOXES
    return "MP4" if film else None
