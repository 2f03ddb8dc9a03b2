"""A progress bar on standard error for long work over lines; nothing where no person looks."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader

# bytes read, lines read
Advance = Callable[[int, int], None]


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` things are done while the block runs, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, advance=done)


@contextmanager
def shown(what: str, source: BufferedReader) -> Iterator[Advance]:
    """Show how much of `source` is done while the block runs, if standard error is a terminal and the data is not."""
    if not sys.stderr.isatty() or source.isatty():
        yield lambda _bytes, _lines: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), TextColumn("{task.fields[lines]:,} lines"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=size(source), lines=0)
        total = 0

        def advance(read: int, lines: int) -> None:
            nonlocal total
            total += lines
            bar.update(task, advance=read, lines=total)

        yield advance


def size(source: BufferedReader) -> int | None:
    """Return the bytes of a regular file, None for a pipe."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
