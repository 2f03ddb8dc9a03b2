"""An upload in, the case that it opens out, or a decision at once where the policy has no engine for it."""

from streams.core.arrival import StandingOf, nothing_known
from streams.core.condition import Early, of_upload
from streams.core.content import Upload
from streams.core.decision import Decision
from streams.core.engine import Text
from streams.core.exemption import trusted
from streams.core.facts import Facts
from streams.core.judge import Judge, summarised
from streams.core.judged_object import JudgedObject
from streams.core.masking import masked_text
from streams.core.moment import since_epoch
from streams.core.opening import Case, Words, asked, looked_at, opening
from streams.core.panel import Panels, unclaimed
from streams.core.restriction import Standing
from streams.core.screen import Inspect


def uploaded(
    upload: Upload,
    at: int,
    *,
    panels: Panels,
    inspect: Inspect,
    judge: Judge,
    now: int,
    standing_of: StandingOf = nothing_known,
) -> Decision | Case:
    """Open the case of an upload; its caption is judged by the inline engines at once, and put to others as a text is.

    `at` is the time of its record in the log, `now` the present: milliseconds since 1970.
    """
    panel = panels.of(upload.tenant, upload.kind, upload.conversation_id)
    if panel is None:
        return unclaimed(_facts(upload, at, standing=standing_of(upload.user.id)), now)
    policy, engines = panel
    texts = [Text(upload.caption, user_id=upload.user.id, at=at)] if upload.caption else []
    inspected = [(engine, *inspect(engine, texts)) for engine in engines] if texts else []
    answers = [(engine.name, found[0]) for engine, found, _ in inspected]
    versions = [engine.version for engine, _, _ in inspected]
    durations = [milliseconds for _, _, milliseconds in inspected]
    masked = masked_text(policy, answers, upload.caption) if upload.caption else None
    standing = standing_of(upload.user.id)
    inputs = of_upload(upload, trusted=trusted(upload.user.trusted, standing)) if policy.composites else None
    facts = _facts(upload, at, masked, standing, inputs)
    media = looked_at(policy, [upload.kind])
    others = asked(policy, answers) if texts and texts[0].text.strip() else ()
    if media or others:
        answered = list(zip(answers, versions, durations, strict=True))
        objects = ((upload.kind, upload.location),) if media else ()
        words = Words(texts[0].text) if texts else None
        return opening(policy, facts, answered, now, objects=objects, engines=others, words=words)
    return judge(policy, facts, answers, summarised(answers, durations, versions), now)


def _facts(
    upload: Upload,
    at: int,
    masked: str | None = None,
    standing: Standing | None = None,
    inputs: Early | None = None,
) -> Facts:
    return Facts(
        content_id=upload.content_id,
        kind=upload.kind,
        user_id=upload.user.id,
        received_at=at,
        role=upload.user.role,
        conversation_id=upload.conversation_id,
        tenant=upload.tenant,
        masked_text=masked,
        objects=(JudgedObject(upload.kind, upload.location),),
        trusted=upload.user.trusted,
        user_created_at=since_epoch(upload.user.created_at),
        standing=standing,
        inputs=inputs,
    )
