"""A labelled row in, the text as the stream hands it to its engines out: with its window, authors and times."""

from typing import Final

from streams.core.engine import Text
from streams.core.policy import NO_MARKS, Marks
from streams.core.velocity import kept, mark
from streams.core.window import EMPTY, SIZE, Said, Window, added, fingerprint
from streams.evaluation.rows import Row

BEGIN: Final = 1_767_268_800_000  # 2026-01-01T12:00:00.000Z: rows carry no times
# Rows are an hour apart and messages a minute: who counts messages by time sees no flood that the data does not hold.
HOUR: Final = 3_600_000
MINUTE: Final = 60_000
TWO: Final = ("one", "other")


def subject(row: Row, number: int, width: int, wanted: Marks = NO_MARKS) -> Text:
    """Return the text of a row; `number` keeps rows apart, `width` is how much of each earlier text a window keeps.

    `wanted` are the marks of earlier texts that the policy's engines look at.

    Authors are those of `labels.orig.context_speakers`, else two who take turns; no author occurs in two rows.
    """
    context = row.context[-SIZE:]
    *speakers, author = [f"{number}/{speaker}" for speaker in speakers_of(row)]
    at = BEGIN + number * HOUR
    window = EMPTY
    for place, (speaker, text) in enumerate(zip(speakers[-len(context) :], context, strict=True) if context else ()):
        content_id = f"{number}#{place}"
        earlier = at - (len(context) - place) * MINUTE
        said = Said(speaker, text[:width], earlier)
        marks = _marks(window, text, speaker, earlier, wanted) if wanted.most else b""
        window = added(window, content_id, said, fingerprint(content_id), SIZE, earlier, marks)
    return Text(row.text, None, window, author, at)


def _marks(window: Window, text: str, speaker: str, at: int, wanted: Marks) -> bytes:
    """Return the marks of a window after one more text."""
    return kept(window.marks, mark(text, speaker, at), wanted.most, at - wanted.horizon_ms)


def speakers_of(row: Row) -> list[str]:
    """Return who speaks in each message of the context, and last who wrote the text itself."""
    given = row.labels.orig.get("context_speakers")
    count = len(row.context)
    if isinstance(given, list) and len(given) == count and all(isinstance(name, str) for name in given):
        others = [name for name in given if name != given[-1]]
        return [*given, others[-1] if others else "author"]
    return [TWO[(count - place) % 2] for place in range(count + 1)]
