"""`moderation policy backtest`: a policy file and a range of time in, what it would have changed out."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from streams.cli.failure import FILES, Failure
from streams.cli.progress import counted
from streams.cli.since import Duration, Moment, moment

if TYPE_CHECKING:
    from streams.adapters.policies import Loaded
    from streams.core.content import Message
    from streams.evaluation.backtesting import Change
    from streams.evaluation.unchanged import Unchanged
    from streams.settings import Settings

SHOWN: Final = 120  # characters of a sample's text


@click.command()
@click.option(
    "--policy", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="Policy file."
)
@click.option("--since", type=Moment(), required=True, help="Begin: 7d, 36h, 90m ago, or a date.")
@click.option("--until", type=Moment(), default="0ms", help="End, in the same form; now without it.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many texts.")
@click.option("--sample", type=click.IntRange(min=0), default=5, show_default=True, help="Ids shown of each change.")
@click.option("--against", metavar="ID", help="Compare only with what the policy of this id decided.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File for changes, a JSON object a line.")
@click.option("--json", "as_json", is_flag=True, help="The whole result as one JSON object.")
@click.option("--show-texts", is_flag=True, help="Show the texts of samples and changes; without it ids only.")
@click.option(
    "--patience",
    type=Duration(),
    default="5m",
    show_default=True,
    help="How long after a text its decision is looked for. Decisions of so long a time are held in memory.",
)
@click.option(
    "--warm-up",
    type=Duration(),
    default="10m",
    show_default=True,
    help="Texts of so long a time before --since fill the conversations, and are not counted.",
)
def backtest(  # noqa: PLR0913, PLR0917  one for each option
    file: Path,
    since: int,
    until: int,
    limit: int | None,
    sample: int,
    against: str | None,
    out: Path | None,
    as_json: bool,
    show_texts: bool,
    patience: int,
    warm_up: int,
) -> None:
    """Judge past texts under a policy, and say what would change.

    It reads beside the stream, joins no group and writes nothing to Kafka. Inline engines that the policy leaves as
    they were are not asked again, engines with roles of their own and engines for media never: their stored answers
    serve. Standings of authors are left out: what a restriction decided is not compared.
    """
    from streams.adapters.rereading import Rereading, Stretch
    from streams.agents.inspecting import Inspector
    from streams.core.comparison import Comparison
    from streams.core.panel import Panel
    from streams.core.rejudging import Rejudging
    from streams.core.screen import Limits
    from streams.evaluation.backtest_report import lines, summary
    from streams.evaluation.backtesting import Backtest, Scope
    from streams.metrics import Metrics
    from streams.settings import Settings
    from streams.topology import full_name

    settings = Settings()
    now = int(time.time() * 1000)
    begin, end = moment(since, now), moment(until, now)
    if begin >= end:
        raise click.UsageError("--since must lie before --until")
    loaded, unchanged = _loaded(settings, file)
    first = max(0, begin - warm_up)
    names = ["actions", "messages", *(["findings"] if _needs_reports(loaded) else [])]
    stretches = [
        Stretch(full_name(settings.topic_prefix, name), first, end)
        if name == "messages"
        else Stretch(full_name(settings.topic_prefix, name), first, end + patience, patience)
        for name in names
    ]
    with _changes(out, show_texts=show_texts) as note, Rereading(settings, stretches) as rereading:
        started = time.monotonic()
        test = Backtest(
            Rejudging(
                Panel(loaded.policy, loaded.inline),
                Inspector(Metrics()),
                Limits(text=settings.window_text, ids=settings.repeat_ids),
                unchanged,
            ),
            Comparison(sample),
            Scope(begin, limit, against),
            record_limit=settings.record_limit,
            changed=note,
            shown=_text if show_texts else lambda _message: "",
        )
        with counted("judging", rereading.totals[names.index("messages")]) as advance:
            for records in rereading.batches():
                advance(test.take(records))
                if test.full:
                    break
        seconds = time.monotonic() - started
    result = summary(test, loaded.policy.ref, begin, end, seconds, unchanged.unknown)
    if as_json:
        print(msgspec.json.encode(result).decode())
    else:
        for line in lines(result):
            print(line)


def _loaded(settings: "Settings", file: Path) -> "tuple[Loaded, Unchanged]":
    """Return the policy of a file, and what says which of its engines another version has, too."""
    from streams.adapters.policies import DEFAULT, load_from
    from streams.adapters.publishing import published
    from streams.adapters.shelf import Shelf
    from streams.adapters.sources import OnDisk
    from streams.evaluation.unchanged import Unchanged

    shelf = Shelf()
    loaded = load_from(OnDisk(file), shelf=shelf)
    return loaded, Unchanged(loaded, shelf, published(settings), OnDisk(settings.policy or DEFAULT))


def _needs_reports(loaded: "Loaded") -> bool:
    policy = loaded.policy
    return bool(policy.apart_engines or policy.media_engines or policy.video_engines)


@contextmanager
def _changes(out: Path | None, *, show_texts: bool) -> "Iterator[Callable[[Change], None]]":
    """Write each change to a file while the block runs."""
    from streams.evaluation.backtest_report import changed

    if out is None:
        yield lambda _change: None
        return
    try:
        target = out.open("wb")
    except OSError as error:
        raise Failure(f"{out}: {error.strerror}: check the path and its permissions", FILES) from None
    encode = msgspec.json.Encoder().encode
    with target:

        def note(change: "Change") -> None:
            text = change.past.arrival.message.text if show_texts else None
            target.write(encode(changed(change, text)) + b"\n")

        yield note
    print(f"changes: {out}", file=sys.stderr)


def _text(message: "Message") -> str:
    """Return the beginning of a text, on one line and harmless to a terminal."""
    from streams.cli.table import printable

    return printable(" ".join(message.text.split()))[:SHOWN]
