"""The built-in engines, in the order in which they are asked: an explicit list, no discovery.

An engine is imported when a policy names it: those for pictures need packages that text engines do without.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from streams.core.engine import Apart, Engine

T = TypeVar("T")


def _blocklist() -> type[Engine]:
    from streams.engines.blocklist import Blocklist  # noqa: PLC0415

    return Blocklist


def _pattern() -> type[Engine]:
    from streams.engines.pattern import Pattern  # noqa: PLC0415

    return Pattern


def _solicitation() -> type[Engine]:
    from streams.engines.solicitation import Solicitation  # noqa: PLC0415

    return Solicitation


def _semantic() -> type[Engine]:
    from streams.engines.semantic import Semantic  # noqa: PLC0415

    return Semantic


def _text_model() -> type[Engine]:
    from streams.engines.text_model import TextModel  # noqa: PLC0415

    return TextModel


def _pii() -> type[Engine]:
    from streams.engines.pii import Pii  # noqa: PLC0415

    return Pii


def _velocity() -> type[Engine]:
    from streams.engines.velocity import Velocity  # noqa: PLC0415

    return Velocity


def _media_hash() -> type[Engine]:
    from streams.engines.media_hash import MediaHash  # noqa: PLC0415

    return MediaHash


def _image_model() -> type[Engine]:
    from streams.engines.image_model import ImageModel  # noqa: PLC0415

    return ImageModel


def _qr() -> type[Engine]:
    from streams.engines.qr import Qr  # noqa: PLC0415

    return Qr


def _ocr() -> type[Engine]:
    from streams.engines.ocr import Ocr  # noqa: PLC0415

    return Ocr


def _text_llm() -> type[Apart]:
    from streams.engines.text_llm import TextLlm  # noqa: PLC0415

    return TextLlm


def _comprehend() -> type[Apart]:
    from streams.engines.comprehend import Comprehend  # noqa: PLC0415

    return Comprehend


def _velocity_user() -> type[Apart]:
    from streams.engines.velocity_user import VelocityUser  # noqa: PLC0415

    return VelocityUser


def _rekognition() -> type[Apart]:
    from streams.engines.rekognition import Rekognition  # noqa: PLC0415

    return Rekognition


def _rekognition_video() -> type[Apart]:
    from streams.engines.rekognition_video import RekognitionVideo  # noqa: PLC0415

    return RekognitionVideo


BUILT_IN: Final[Mapping[str, Callable[[], type[Engine]]]] = {
    "blocklist": _blocklist,
    "pattern": _pattern,
    "solicitation": _solicitation,
    "text_model": _text_model,
    "semantic": _semantic,
    "pii": _pii,
    "velocity": _velocity,
    "media_hash": _media_hash,
    "qr": _qr,
    "image_model": _image_model,
    "ocr": _ocr,
}

# Engine -> the optional part of the distribution that it needs.
EXTRAS: Final[Mapping[str, str]] = {
    "semantic": "models",
    "text_model": "models",
    "media_hash": "media",
    "qr": "media",
    "image_model": "media",
    "ocr": "media",
}

# Engines for texts that run in a role of their own, named as in `streams/topology.py`.
APART: Final[Mapping[str, Callable[[], type[Apart]]]] = {
    "text_llm": _text_llm,
    "comprehend": _comprehend,
    "velocity_user": _velocity_user,
}


# Engines that have a service judge pictures, each in a role of its name.
PICTURES: Final[Mapping[str, Callable[[], type[Apart]]]] = {"rekognition": _rekognition}

# Engines that judge stored videos by jobs of a service, each in a role of its name.
JOBS: Final[Mapping[str, Callable[[], type[Apart]]]] = {"rekognition_video": _rekognition_video}


def engine_named(name: str) -> type[Engine]:
    """Return an engine's class; raise KeyError for an unknown name, ValueError where its packages are missing."""
    return _found(BUILT_IN[name], name)


def apart_named(name: str) -> type[Apart]:
    """Return the class of an engine with a role of its own; raise as `engine_named`."""
    return _found(APART[name], name)


def pictures_named(name: str) -> type[Apart]:
    """Return the class of an engine that has a service judge pictures; raise as `engine_named`."""
    return _found(PICTURES[name], name)


def jobs_named(name: str) -> type[Apart]:
    """Return the class of an engine that judges stored videos by jobs; raise as `engine_named`."""
    return _found(JOBS[name], name)


def _found(find: Callable[[], T], name: str) -> T:
    try:
        return find()
    except ImportError as error:
        package, extra = error.name or f"of {name}", EXTRAS.get(name, "media")
        raise ValueError(f"package {package} is not installed: pip install 'moderation-streams[{extra}]'") from None
