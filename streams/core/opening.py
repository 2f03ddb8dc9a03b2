"""Opening a case: what the inline engines said of one content in, who else must answer and what they are asked out."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from streams.core.asking import ALWAYS
from streams.core.case import CaseOpened, Task
from streams.core.composing import early_of
from streams.core.content import Location
from streams.core.facts import Answers, Facts
from streams.core.finding import Answer, reported
from streams.core.masking import spans_of
from streams.core.matching import findings_of
from streams.core.policy import Policy
from streams.core.span import capped, merged
from streams.core.task import TextTask
from streams.core.video_task import VideoTask
from streams.core.window import EMPTY, Entry, Window

# Characters of each earlier message in a task: however large the window is set, the record stays below the largest one
# that is read (262,144 bytes by default; a text has at most 20,000 characters, a character at most six bytes in JSON).
CONTEXT: Final = 1000
SPANS: Final = 1000  # in a task; the last one reaches over all that had to be left out


class Case(NamedTuple):
    """A content that other engines must see: what opens its case, and what they are asked."""

    opened: CaseOpened
    task: Task | None = None  # for the media engines
    text_tasks: tuple[TextTask, ...] = ()  # one for each engine with a role of its own
    video_tasks: tuple[VideoTask, ...] = ()  # one for each engine that judges stored videos by jobs


class Words(msgspec.Struct, frozen=True, gc=False):
    """The text of a content as engines with a role of their own are asked about it; repr shows the length only."""

    text: str
    language: str | None = None
    before: Window = EMPTY

    def __repr__(self) -> str:
        """Show the length only: content never reaches a log."""
        return f"Words({len(self.text)} characters)"


def asked(policy: Policy, answers: Answers) -> tuple[str, ...]:
    """Return the engines with roles of their own that the policy puts a text to, given what inline engines answered.

    What a rule in shadow mode found is no ground for or against: such a rule has no effect.
    """
    if not policy.apart_engines:
        return ()
    found = frozenset(found_in(policy, answers))
    return tuple(name for name in policy.apart_engines if policy.asking.get(name, ALWAYS).asks(answers, found))


def looked_at(policy: Policy, objects: Sequence[str]) -> bool:
    """Say whether any engine of a policy looks at objects of these kinds."""
    return bool(objects) and bool(policy.media_engines or (policy.video_engines and "video" in objects))


def found_in(policy: Policy, answers: Answers) -> tuple[str, ...]:
    """Return the labels that enforced rules found, each once, in the order of the engines."""
    return tuple(
        dict.fromkeys(finding.label for rule, finding in findings_of(policy, answers) if rule.mode == "enforce")
    )


def opening(
    policy: Policy,
    facts: Facts,
    answered: Sequence[tuple[tuple[str, Answer], str, float]],
    now: int,
    *,
    objects: tuple[tuple[str, Location], ...] = (),
    engines: tuple[str, ...] = (),
    words: Words | None = None,
) -> Case:
    """Open a case: media engines look at the objects, `engines` with roles of their own at the words.

    Engines that judge stored videos are asked where one of the objects is a video.

    `answered` is what inline engines answered, with their versions and milliseconds; `now` in milliseconds since 1970.
    """
    deadline = now + policy.deadline_ms
    media = policy.media_engines if objects else ()
    video = policy.video_engines if any(kind == "video" for kind, _ in objects) else ()
    opened = CaseOpened(
        content_id=facts.content_id,
        kind=facts.kind,
        user_id=facts.user_id,
        required=(*media, *video, *engines),
        reports=tuple(
            reported(facts.content_id, engine, version, answer, milliseconds)
            for (engine, answer), version, milliseconds in answered
        ),
        policy=policy.ref,
        deadline_at=deadline,
        received_at=facts.received_at,
        context=facts.context,
        conversation_id=facts.conversation_id,
        tenant=facts.tenant,
        role=facts.role,
        masked_text=facts.masked_text,
        objects=facts.objects,
        early=early_of(policy, facts),
        trusted=facts.trusted,
        user_created_at=facts.user_created_at,
        resubmits=facts.resubmits,
        previous=facts.previous,
    )
    task = Task(facts.content_id, facts.kind, objects, media, policy.ref, deadline, facts.tenant) if media else None
    answers = [answer for answer, _, _ in answered]
    text_tasks = _text_tasks(policy, facts, answers, engines, words, deadline) if words else ()
    videos = tuple(
        VideoTask(facts.content_id, facts.kind, engine, objects, policy.ref, deadline, facts.tenant) for engine in video
    )
    return Case(opened, task, text_tasks, videos)


def _text_tasks(
    policy: Policy, facts: Facts, answers: Answers, engines: tuple[str, ...], words: Words, deadline: int
) -> tuple[TextTask, ...]:
    if not engines:
        return ()
    context = tuple(_cut(entry) for entry in words.before.entries)
    found = found_in(policy, answers)
    spans = tuple(capped(merged(spans_of(policy, answers, len(words.text))), SPANS))
    return tuple(
        TextTask(
            content_id=facts.content_id,
            kind=facts.kind,
            user_id=facts.user_id,
            engine=engine,
            text=words.text,
            policy=policy.ref,
            deadline_at=deadline,
            at=facts.received_at,
            language=words.language,
            conversation_id=facts.conversation_id,
            tenant=facts.tenant,
            context=context,
            found=found,
            spans=spans,
        )
        for engine in engines
    )


def _cut(entry: Entry) -> Entry:
    return entry if len(entry.text) <= CONTEXT else msgspec.structs.replace(entry, text=entry.text[:CONTEXT])
