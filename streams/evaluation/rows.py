"""Labelled rows: JSON lines files in, rows out, or one line that says which line of which file is wrong.

A row is `{id, text, context: [oldest … newest], labels: {positive, negative, severity?, orig?}, source}`. A label
counts only where a row lists it; what a row does not list is unknown, not negative.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from os.path import commonpath
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, NamedTuple

import msgspec
from msgspec import Meta

from streams.core.content import TEXT_LIMIT, Id
from streams.core.label import NAME, Severity

# A line break of JSON lines, and no other that Python's splitlines knows.
LINE_END: Final = b"\n"
LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")

Label = Annotated[str, Meta(pattern=f"^{NAME.pattern}$", max_length=64)]


class BadRows(Exception):
    """A file that holds no labelled rows: the file, the line and what would be right; never what stands there."""

    exit_code: ClassVar[int] = 1  # some input was not in order


class Labels(msgspec.Struct, frozen=True):
    """What is known of a text."""

    positive: tuple[Label, ...]
    negative: tuple[Label, ...]
    severity: Severity | None = None
    orig: dict[str, Any] = {}  # as the source has it

    def __post_init__(self) -> None:
        """Raise ValueError for a label that is said to hold and not to hold."""
        if set(self.positive) & set(self.negative):
            raise ValueError("lists a label as positive and as negative")


class Row(msgspec.Struct, frozen=True):
    """One labelled text; repr shows the id only."""

    id: Id
    text: str
    labels: Labels
    context: tuple[str, ...] = ()  # the messages before it, oldest first
    source: str = ""

    def __repr__(self) -> str:
        """Show the id only: content never reaches a log."""
        return f"Row({self.id!r})"


class LabelledFile(NamedTuple):
    """The rows of one file; `refused` counts texts that the stream puts on its dead-letter topic, judged by nobody."""

    name: str
    rows: tuple[Row, ...]
    refused: int = 0


_decoder: Final = msgspec.json.Decoder(Row)


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return the files, and the *.jsonl files of the folders in alphabetical order, each once; raise BadRows."""
    files: dict[Path, Path] = {}
    for path in paths:
        found = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not found:
            raise BadRows(f"{path}: holds no *.jsonl file: name a folder or files with labelled rows")
        for file in found:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def names_of(files: Sequence[Path]) -> list[str]:
    """Return a name for each file: without folder and ending where that tells them apart, else as a path."""
    stems = [file.stem for file in files]
    if len(set(stems)) == len(stems):
        return stems
    shared = commonpath([file.absolute() for file in files])
    return [file.absolute().relative_to(shared).as_posix() for file in files]


def labelled(files: Sequence[Path], limit: int | None = None) -> list[LabelledFile]:
    """Return the rows of each file, at most `limit` of each, spread evenly; raise BadRows or OSError."""
    return [_read(file, name, limit) for file, name in zip(files, names_of(files), strict=True)]


def _read(file: Path, name: str, limit: int | None) -> LabelledFile:
    read = list(_rows(file))
    rows = [row for row in read if row is not None]
    return LabelledFile(name, tuple(spread(rows, limit)), len(read) - len(rows))


def spread(rows: Sequence[Row], limit: int | None) -> Sequence[Row]:
    """Return at most `limit` of the rows, evenly from the first to the last: sources lie one after the other."""
    if limit is None or len(rows) <= limit:
        return rows
    return [rows[number * len(rows) // limit] for number in range(limit)]


def _rows(file: Path) -> Iterator[Row | None]:
    """Yield each line's row, None for a text that the stream refuses; blank lines are none."""
    for number, line in enumerate(file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(LINE_END), 1):
        if line.strip():
            try:
                row = _decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                if not _is_no_unicode(line):
                    raise BadRows(f"{file}: line {number}: {_wrong(error)}") from None
                yield None
            else:
                yield row if len(row.text) <= TEXT_LIMIT else None


def _is_no_unicode(line: bytes) -> bool:
    """Say whether a line is a row but for lone surrogates, which no JSON record of the stream may hold."""
    try:
        plain = line.decode("utf-8", "surrogatepass")
        whole = json.dumps(json.loads(plain), ensure_ascii=False)
        if not LONE_SURROGATE.search(whole):
            return False
        _decoder.decode(LONE_SURROGATE.sub("?", whole))
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return False
    return True


def _wrong(error: Exception) -> str:
    """Return what is wrong with a line; names of fields, never their values."""
    if isinstance(error, msgspec.ValidationError):
        if re.search(r"missing required field `(?:positive|negative|labels)`", str(error)):
            return (
                "is no evaluation row: `labels` must hold the lists `positive` and `negative` "
                "(training rows have another shape)"
            )
        said = re.sub(r"Invalid enum value '.*'", "Not one of the known values", str(error), flags=re.DOTALL)
        return f"is no evaluation row: {said}"
    if isinstance(error, UnicodeError):
        return "is no UTF-8"
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    return "is no JSON"
