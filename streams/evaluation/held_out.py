"""Cross-validated answers: an engine that was trained on a row answers for it by a model that has not seen it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from streams.core.engine import Engine, Text
from streams.core.finding import Answer


@runtime_checkable
class HeldOut(Protocol):
    """What an engine with trained models offers beside `inspect`."""

    def inspect_held_out(self, batch: Sequence[Text]) -> tuple[list[Answer], int]:
        """Answer as `inspect` does, a text of the training rows by the fold that has not seen its group.

        Beside the answers: how many of the texts were training rows.
        """


class CrossValidated:
    """An engine in place of another: the same answers, but held out; counts the rows that were trained on."""

    name: ClassVar[str] = ""
    version: ClassVar[str] = ""

    def __init__(self, engine: Any) -> None:
        self._engine: HeldOut = engine
        self.name: str = engine.name  # type: ignore[misc]
        self.version: str = engine.version  # type: ignore[misc]
        self.trained_on = 0

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return one answer for each text."""
        answers, trained_on = self._engine.inspect_held_out(batch)
        self.trained_on += trained_on
        return answers


def cross_validated(engine: Engine) -> CrossValidated | None:
    """Return what answers held out in place of an engine; None where the engine has no such answers."""
    return CrossValidated(engine) if isinstance(engine, HeldOut) else None
