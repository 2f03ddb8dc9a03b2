"""`moderation broker`: a real Apache Kafka in the foreground, without a container."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from streams.cli.failure import Failure
from streams.embedded.jars import KAFKA, Progress

USUAL_PORT: Final = 9092  # where Kafka's clients, and our own settings, look first


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    help=f"Loopback port; {USUAL_PORT} without this option, or a free one where that is taken.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the data stays; without this option it goes when the broker stops.",
)
@click.option("--json", "as_json", is_flag=True, help="Say in JSON where the broker is.")
def broker(port: int | None, folder: Path | None, as_json: bool) -> None:
    """Run a real Apache Kafka for trying things out, without a container, until Ctrl-C."""
    from streams.embedded.broker import Broker
    from streams.embedded.processes import is_free

    # SIGTERM stops as orderly as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if port is None and is_free(USUAL_PORT):
        port = USUAL_PORT
    try:
        with download_progress() as progress, Broker(folder, port, progress=progress, notice=note) as running:
            if as_json:
                place = {"bootstrap": running.bootstrap, "folder": str(running.folder), "pid": running.pid}
                print(json.dumps({"kafka": KAFKA, **place}), flush=True)
            else:
                line = f"Kafka {KAFKA} at {running.bootstrap}, data in {running.folder}; Ctrl-C stops it"
                print(line, flush=True)
            code = running.wait()
            raise Failure(f"Kafka ended by itself with {code}: {running.last_words()}")
    except KeyboardInterrupt:
        return


def note(line: str) -> None:
    """Say one line to whoever watches; standard output is for the answer."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def download_progress() -> Iterator[Progress | None]:
    """Yield what shows the download of Kafka on a terminal: nothing appears while nothing is downloaded."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    from streams.embedded.jars import listed

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(f"Apache Kafka {KAFKA}", total=sum(jar.size for jar in listed()))

    def arrived(count: int) -> None:
        bar.start()
        bar.advance(task, count)
        if bar.finished:
            bar.stop()

    try:
        yield arrived
    finally:
        bar.stop()
