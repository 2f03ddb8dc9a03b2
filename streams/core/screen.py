"""Screening: a batch of texts in the order of the log, each judged with its last ten messages.

Pure: windows come through a function, engines through another, time is an argument. One text in, one outcome out:
a decision at once, a case when other engines must answer too, or nothing for a content id that was seen before.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Final, NamedTuple

import msgspec

from streams.core import velocity
from streams.core import window as windows
from streams.core.arrival import (
    Arrival,
    Line,
    StandingOf,
    facts_of,
    inputs_of,
    nothing_known,
    plain_facts,
    previous,
    text_of,
    verdict_of,
)
from streams.core.content import Message
from streams.core.decision import Decision, ReportSummary
from streams.core.engine import Engine, Text
from streams.core.facts import Answers
from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.judge import Judge, summarised
from streams.core.masking import masked_text
from streams.core.opening import Case, Words, asked, looked_at, opening
from streams.core.panel import Panel, Panels, unclaimed
from streams.core.verdict import Verdict
from streams.core.window import EMPTY, Said, Window, fingerprint

# Runs one engine over all texts of a batch: answers in order, milliseconds for each text.
Inspect = Callable[[Engine, Sequence[Text]], tuple[list[Answer], float]]


class Repeated(NamedTuple):
    """A content id that its conversation has seen before: counted, not judged."""

    content_id: str


Outcome = Decision | Case | Repeated


# How table keys of texts without a conversation begin.
LONE: Final = b"i:"
# Stands in the list of outcomes until the batch has been judged.
AWAITED: Final = Repeated("")


class Limits(msgspec.Struct, frozen=True, gc=False):
    """How much a window keeps."""

    text: int  # characters of each text
    ids: int  # content ids that are remembered


class Screening(NamedTuple):
    """One outcome per arrival, in order, and the windows that changed."""

    outcomes: list[Outcome]
    windows: dict[bytes, Window]
    verdicts: dict[int, Verdict]  # for the standing of its author, every decision that is not `allow`, by its place


class _Thread:
    """A conversation while a batch is being screened: its window after the messages so far."""

    __slots__ = ("count", "first", "window")

    def __init__(self, window: Window) -> None:
        self.first = self.window = window
        self.count = 0  # messages of this batch

    def repeats(self, mark: bytes, remembered: int) -> bool:
        """Say whether a content id is among the last that are remembered."""
        seen = self.window.seen
        return mark in seen and windows.remembers(seen[-remembered * windows.FINGERPRINT :], mark)


def table_key(message: Message) -> bytes:
    """Return the key of the window that a text belongs to: its conversation, else itself."""
    if message.conversation_id is not None:
        return b"c:" + message.conversation_id.encode()
    return LONE + message.content_id.encode()


def screened(
    arrivals: Sequence[Arrival],
    window_of: Callable[[bytes], Window],
    *,
    panels: Panels,
    inspect: Inspect,
    judge: Judge,
    limits: Limits,
    now: int,
    standing_of: StandingOf = nothing_known,
) -> Screening:
    """Judge a batch of texts, each by its policy; `window_of` gives the window of a table key.

    `now` is milliseconds since 1970.
    """
    outcomes: list[Outcome] = []
    threads: dict[bytes, _Thread] = {}
    groups: dict[int, tuple[Panel | None, list[Line]]] = {}  # by the identity of the panel
    wanted, panel_of = panels.marks, panels.of
    for position, arrival in enumerate(arrivals):
        message = arrival.message
        key = table_key(message)
        thread = threads.get(key)
        if thread is None:
            thread = threads[key] = _Thread(window_of(key))
        mark = fingerprint(message.content_id)
        if thread.repeats(mark, limits.ids):
            outcomes.append(Repeated(message.content_id))
            continue
        outcomes.append(AWAITED)
        panel = panel_of(message.tenant, message.kind, message.conversation_id)
        group = groups.get(id(panel))
        if group is None:
            group = groups[id(panel)] = (panel, [])
        before = thread.window
        if message.conversation_id is None:
            thread.window = windows.noted(before, mark, limits.ids, now)
            group[1].append(Line(position, arrival, EMPTY))
            continue
        said = Said(message.user.id, message.text[: limits.text], arrival.at)
        own = velocity.mark(message.text, message.user.id, arrival.at) if wanted.most else b""
        marks = velocity.kept(before.marks, own, wanted.most, arrival.at - wanted.horizon_ms) if own else b""
        thread.window = windows.added(before, message.content_id, said, mark, limits.ids, now, marks)
        thread.count += 1
        group[1].append(Line(position, arrival, before, thread.count, said, own))
    verdicts: dict[int, Verdict] = {}
    for panel, lines in groups.values():
        judging = (
            _unclaimed(lines, now, standing_of)
            if panel is None
            else _judged(lines, panel, inspect, judge, now, standing_of)
        )
        for line, outcome in zip(lines, judging, strict=True):
            outcomes[line.position] = outcome
            if isinstance(outcome, Decision) and outcome.action != "allow":
                verdicts[line.position] = verdict_of(line, outcome)
                if line.said is not None:
                    thread = threads[table_key(line.arrival.message)]
                    marked = msgspec.structs.replace(line.said, action=outcome.action)
                    thread.window = windows.replaced(thread.window, thread.count - line.number, marked)
    changed = {key: thread.window for key, thread in threads.items() if thread.window is not thread.first}
    return Screening(outcomes, changed, verdicts)


def _unclaimed(lines: Iterable[Line], now: int, standing_of: StandingOf) -> Iterator[Decision]:
    for line in lines:
        yield unclaimed(facts_of(line, standing=standing_of(line.arrival.message.user.id)), now)


def _judged(
    lines: Sequence[Line], panel: Panel, inspect: Inspect, judge: Judge, now: int, standing_of: StandingOf
) -> Iterator[Decision | Case]:
    policy, engines = panel
    composites = policy.composites
    texts = [text_of(line) for line in lines]
    names = [engine.name for engine in engines]
    versions = [engine.version for engine in engines]
    inspected = [inspect(engine, texts) for engine in engines]
    durations = [milliseconds for _, milliseconds in inspected]
    quiet: Answers = [(name, NOTHING_FOUND) for name in names]
    quiet_reports = summarised(quiet, durations, versions)
    rows: Iterable[tuple[Answer, ...]] = (
        zip(*(answers for answers, _ in inspected), strict=True) if inspected else repeat(())
    )
    quiet_asked = asked(policy, quiet)
    others: tuple[str, ...]  # engines with roles of their own
    for line, row in zip(lines, rows, strict=bool(inspected)):
        message = line.arrival.message
        answers: Answers
        reports: tuple[ReportSummary, ...]
        if row.count(NOTHING_FOUND) == len(row):  # compares identities first: the common case costs nothing
            answers, reports, others, silent = quiet, quiet_reports, quiet_asked, True
        else:
            answers, others = list(zip(names, row, strict=True)), ()
            silent = _silent(row)
            reports = quiet_reports if silent else summarised(answers, durations, versions)
            if policy.apart_engines:
                others = asked(policy, answers)
        pictured = bool(message.attachments) and looked_at(policy, [each.kind for each in message.attachments])
        if others and not message.text.strip():
            others = ()  # there is nothing to ask about
        opens = pictured or bool(others)
        standing = standing_of(message.user.id)
        if silent and standing is None and composites is None and not opens and not message.attachments:
            yield judge(policy, plain_facts(line), answers, reports, now)
            continue
        masked = None if silent else masked_text(policy, answers, message.text)
        inputs = None if composites is None else inputs_of(line, standing, composites.conditions.needs)
        if opens:
            before = previous(line.before, message.user.id, line.arrival.at)
            facts = facts_of(line, masked, standing, before, inputs)
            answered = list(zip(answers, versions, durations, strict=True))
            objects = tuple((each.kind, each.location()) for each in message.attachments) if pictured else ()
            words = Words(message.text, message.language, line.before)
            yield opening(policy, facts, answered, now, objects=objects, engines=others, words=words)
        else:
            yield judge(policy, facts_of(line, masked, standing, inputs=inputs), answers, reports, now)


def _silent(row: Iterable[Answer]) -> bool:
    """Say whether every engine looked and found nothing; scores make no noise."""
    for answer in row:
        if answer is not NOTHING_FOUND and (answer.findings or answer.status != "ok" or answer.reason is not None):
            return False
    return True
