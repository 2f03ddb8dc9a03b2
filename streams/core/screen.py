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
from streams.core.content import Message, Upload
from streams.core.decision import Decision, ReportSummary
from streams.core.engine import Engine, Text
from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.judge import Answers, Facts, Judge, masked_text, summarised
from streams.core.opening import Case, Words, asked, opening
from streams.core.policy import Policy
from streams.core.window import EMPTY, Said, Window, fingerprint

# Runs one engine over all texts of a batch: answers in order, milliseconds for each text.
Inspect = Callable[[Engine, Sequence[Text]], tuple[list[Answer], float]]


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A text and the time of its record in the log, milliseconds since 1970."""

    message: Message
    at: int


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


class _Line(msgspec.Struct, frozen=True):
    """An accepted arrival on its way through the batch."""

    position: int  # in the batch
    arrival: Arrival
    thread: _Thread
    before: Window
    number: int = 0  # among the thread's messages of this batch
    said: Said | None = None  # what its window keeps of it; None when it belongs to no conversation
    mark: bytes = b""  # what its window keeps of it for the limits; none where no engine asks


def table_key(message: Message) -> bytes:
    """Return the key of the window that a text belongs to: its conversation, else itself."""
    if message.conversation_id is not None:
        return b"c:" + message.conversation_id.encode()
    return LONE + message.content_id.encode()


def screened(
    arrivals: Sequence[Arrival],
    window_of: Callable[[bytes], Window],
    *,
    policy: Policy,
    engines: Sequence[Engine],
    inspect: Inspect,
    judge: Judge,
    limits: Limits,
    now: int,
) -> Screening:
    """Judge a batch of texts; `window_of` gives the window of a table key, `now` is milliseconds since 1970."""
    outcomes: list[Outcome] = []
    threads: dict[bytes, _Thread] = {}
    lines: list[_Line] = []
    wanted = policy.marks
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
        before = thread.window
        if message.conversation_id is None:
            thread.window = windows.noted(before, mark, limits.ids, now)
            lines.append(_Line(position, arrival, thread, EMPTY))
            continue
        said = Said(message.user.id, message.text[: limits.text], arrival.at)
        own = velocity.mark(message.text, message.user.id, arrival.at) if wanted.most else b""
        marks = velocity.kept(before.marks, own, wanted.most, arrival.at - wanted.horizon_ms) if own else b""
        thread.window = windows.added(before, message.content_id, said, mark, limits.ids, now, marks)
        thread.count += 1
        lines.append(_Line(position, arrival, thread, before, thread.count, said, own))
    for line, outcome in zip(lines, _judged(lines, policy, engines, inspect, judge, now), strict=True):
        outcomes[line.position] = outcome
        if line.said is not None and isinstance(outcome, Decision) and outcome.action != "allow":
            thread = line.thread
            marked = msgspec.structs.replace(line.said, action=outcome.action)
            thread.window = windows.replaced(thread.window, thread.count - line.number, marked)
    changed = {key: thread.window for key, thread in threads.items() if thread.window is not thread.first}
    return Screening(outcomes, changed)


def _judged(
    lines: Sequence[_Line], policy: Policy, engines: Sequence[Engine], inspect: Inspect, judge: Judge, now: int
) -> Iterator[Decision | Case]:
    texts = [_text(line) for line in lines]
    names = [engine.name for engine in engines]
    versions = [engine.version for engine in engines]
    inspected = [inspect(engine, texts) for engine in engines] if texts else []
    durations = [milliseconds for _, milliseconds in inspected]
    quiet: Answers = [(name, NOTHING_FOUND) for name in names]
    quiet_reports = summarised(quiet, durations, versions) if texts else ()
    rows: Iterable[tuple[Answer, ...]] = (
        zip(*(answers for answers, _ in inspected), strict=True) if inspected else repeat(())
    )
    kinds = policy.kinds
    quiet_asked = asked(policy, quiet)
    others: tuple[str, ...]  # engines with roles of their own
    for line, row in zip(lines, rows, strict=bool(inspected)):
        message, at = line.arrival.message, line.arrival.at
        answers: Answers
        reports: tuple[ReportSummary, ...]
        if message.kind not in kinds:
            answers, reports, others, silent = (), (), (), True
        elif row.count(NOTHING_FOUND) == len(row):  # compares identities first: the common case costs nothing
            answers, reports, others, silent = quiet, quiet_reports, quiet_asked, True
        else:
            answers, others = list(zip(names, row, strict=True)), ()
            silent = _silent(row)
            reports = quiet_reports if silent else summarised(answers, durations, versions)
            if policy.apart_engines:
                others = asked(policy, answers)
        facts = Facts(
            content_id=message.content_id,
            kind=message.kind,
            user_id=message.user.id,
            received_at=at,
            role=message.user.role,
            conversation_id=message.conversation_id,
            tenant=message.tenant,
            context=line.before.ids,
            masked_text=None if silent else masked_text(policy, answers, message.text),
        )
        pictured = message.kind in kinds and _looked_at(policy, [each.kind for each in message.attachments])
        if others and not message.text.strip():
            others = ()  # there is nothing to ask about
        if pictured or others:
            answered = list(zip(answers, versions, durations, strict=True))
            objects = tuple((each.kind, each.location()) for each in message.attachments) if pictured else ()
            words = Words(message.text, message.language, line.before)
            yield opening(policy, facts, answered, now, objects=objects, engines=others, words=words)
        else:
            yield judge(policy, facts, answers, reports, now)


def _silent(row: Iterable[Answer]) -> bool:
    """Say whether every engine looked and found nothing; scores make no noise."""
    for answer in row:
        if answer is not NOTHING_FOUND and (answer.findings or answer.status != "ok" or answer.reason is not None):
            return False
    return True


def _looked_at(policy: Policy, objects: Sequence[str]) -> bool:
    """Say whether any engine looks at objects of these kinds."""
    return bool(objects) and bool(policy.media_engines or (policy.video_engines and "video" in objects))


def _text(line: _Line) -> Text:
    message = line.arrival.message
    return Text(message.text, message.language, line.before, message.user.id, line.arrival.at, line.mark)


def uploaded(
    upload: Upload,
    at: int,
    *,
    policy: Policy,
    engines: Sequence[Engine],
    inspect: Inspect,
    judge: Judge,
    now: int,
) -> Decision | Case:
    """Open the case of an upload; its caption is judged by the inline engines at once, and put to others as a text is.

    A decision comes at once when the policy has no engine for it.
    """
    judges = upload.kind in policy.kinds
    texts = [Text(upload.caption, user_id=upload.user.id, at=at)] if upload.caption and judges else []
    inspected = [(engine, *inspect(engine, texts)) for engine in engines] if texts else []
    answers = [(engine.name, found[0]) for engine, found, _ in inspected]
    versions = [engine.version for engine, _, _ in inspected]
    durations = [milliseconds for _, _, milliseconds in inspected]
    facts = Facts(
        content_id=upload.content_id,
        kind=upload.kind,
        user_id=upload.user.id,
        received_at=at,
        role=upload.user.role,
        conversation_id=upload.conversation_id,
        tenant=upload.tenant,
        masked_text=masked_text(policy, answers, upload.caption) if upload.caption else None,
    )
    media = judges and _looked_at(policy, [upload.kind])
    others = asked(policy, answers) if texts and texts[0].text.strip() else ()
    if media or others:
        answered = list(zip(answers, versions, durations, strict=True))
        objects = ((upload.kind, upload.location),) if media else ()
        words = Words(texts[0].text) if texts else None
        return opening(policy, facts, answered, now, objects=objects, engines=others, words=words)
    return judge(policy, facts, answers, summarised(answers, durations, versions), now)
