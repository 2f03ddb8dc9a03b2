"""The engine protocol: subjects in, one answer each out. An engine cannot act, send, or see other engines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import msgspec
from pydantic import BaseModel, ConfigDict

from streams.core.finding import Answer
from streams.core.rule import Rule
from streams.core.window import EMPTY, Entry, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Accepts = Literal["text", "media"]


class Text(msgspec.Struct, frozen=True, gc=False):
    """A text as engines see it; repr shows the length only."""

    text: str
    language: str | None = None
    before: Window = EMPTY  # of its conversation, as it was before this text
    user_id: str = ""  # its author
    at: int = 0  # milliseconds since 1970, time of its record in the log
    mark: bytes = b""  # of the text, as `core/velocity` makes it; none where its window keeps no marks

    @property
    def context(self) -> tuple[Entry, ...]:
        """Return the messages before it, at most ten, oldest first; read anew at each call."""
        return self.before.entries

    def __repr__(self) -> str:
        """Show the length only: content never reaches a log."""
        return f"Text({len(self.text)} characters)"


class Media(msgspec.Struct, frozen=True):
    """A picture as engines see it: decoded once, shared by all of them."""

    sha256: str  # of the bytes as stored, lower-case hexadecimal
    kind: Literal["image", "video"]
    format: str  # as sniffed from the bytes: JPEG, PNG, WEBP, GIF, or a video container
    frames: "tuple[NDArray[np.uint8], ...]" = ()  # RGB uint8 [height, width, 3] each; () where nothing was decoded
    times_ms: tuple[int, ...] = ()  # start of each frame, ascending; (0,) for a still picture
    end_ms: int = 0  # end of the last frame; 0 for a still picture
    sound: bool = False  # it has a soundtrack, which nothing here listens to


Subject = Text | Media


class Example(msgspec.Struct, frozen=True):
    """A configuration, a subject, and the labels that the engine finds in it; run by the contract tests."""

    config: dict[str, Any]
    subject: Subject
    labels: frozenset[str]


class Config(BaseModel):
    """What a policy may say about an engine: strict, closed, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Refused(ValueError):
    """All that is wrong with a configuration: where (`patterns[2] phone`) and what would be right."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{where}: {what}" for where, what in self.errors))


class Engine(Protocol):
    """A plug-in that inspects content. Built once per policy version, used for every batch; thread-safe."""

    name: ClassVar[str]
    version: ClassVar[str]  # goes into every report: change it when answers change
    accepts: ClassVar[Accepts]
    Config: ClassVar[type[Any]]  # pydantic model of `engines.<name>` in a policy
    rules: tuple[Rule, ...]  # what the configuration asks for; rule names are unique within the engine
    labels: frozenset[str]  # what this configuration can find
    # An engine may also have
    #   slow: ClassVar[bool] = True        a text takes it milliseconds: the batch is screened beside the worker's loop
    #   calibrated: ClassVar[bool] = True  its scores are probabilities
    #   marks: int and horizon_ms: int     how many marks of a conversation (`before.marks`) it wants, and how far back

    def __init__(self, config: Any) -> None:
        """Compile a configuration; raise ValueError, such as `Refused`, naming the list or pattern that is wrong."""

    def inspect(self, batch: Sequence[Any]) -> list[Answer]:
        """Answer for each subject, in order. The same subject gets the same answer, alone or in any batch.

        What is large and only needed here may be loaded by the first call: the media role starts with one for nothing.
        """

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return at least one subject with findings and one without."""


class Apart(Protocol):
    """An engine for texts that runs in a role of its own: too slow, too dear, or keyed by something else than the text.

    Its `Config` may have `ask_when: AskWhen | None` (core/asking); without it every text is put to it.
    """

    name: ClassVar[str]  # of its role, too
    version: ClassVar[str]
    accepts: ClassVar[Accepts]
    apart: ClassVar[bool]  # True
    Config: ClassVar[type[Any]]
    rules: tuple[Rule, ...]
    labels: frozenset[str]

    def __init__(self, config: Any) -> None:
        """Compile a configuration; raise ValueError, such as `Refused`, naming what is wrong."""
