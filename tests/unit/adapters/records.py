"""Hypothesis strategies for every record of the wire, inside of the limits that the types name."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from hypothesis import strategies as st

from streams.core.action import ACTIONS
from streams.core.case import CaseExpired, CaseOpened, Task
from streams.core.content import Attachment, Location, Message, Upload, User
from streams.core.decision import Consequence, Decision, ReportSummary, Triggered
from streams.core.effect import Effect, EffectsDue, Outcome, OutcomeStatus, Sink, Work
from streams.core.finding import STATUSES, Cost, Evidence, Finding, Report
from streams.core.judged_media import JudgedLabel, JudgedMedia
from streams.core.judged_object import JudgedObject
from streams.core.label import KINDS, SEVERITIES, MediaKind, TextKind
from streams.core.moment import iso
from streams.core.picture_task import Part, PictureTask
from streams.core.policy import PolicyRef
from streams.core.published import Applied, FilePart, InForce, ListFile, PolicyVersion, RuleReleased
from streams.core.restriction import Restriction, RestrictionKind, Standing, Strike, Violation
from streams.core.ruling import ACTS, Ruling
from streams.core.task import TextTask
from streams.core.verdict import Order, StandingOrder, Verdict
from streams.core.video_task import JobEnded, JobsDue, VideoTask
from streams.core.window import Entry
from streams.core.worker_status import Tripped, Unloaded, WorkerStatus

TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
IDS: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
MAYBE: Final = st.none() | TEXTS
MAYBE_ID: Final = st.none() | IDS
MILLISECONDS: Final = st.integers(0, 253_402_300_799_999)
COUNTS: Final = st.integers(0, 2**53)
MAYBE_TIME: Final = st.none() | MILLISECONDS
DIGESTS: Final = st.from_regex("[0-9a-f]{64}", fullmatch=True)
PIXELS: Final = st.integers(-(2**31), 2**31)
FLOATS: Final = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS: Final = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
CUSTOM: Final = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


def tuples(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return tuples of any length up to `most`."""
    return st.lists(of, max_size=most).map(tuple)


KIND: Final = st.sampled_from(KINDS)
SEVERITY: Final = st.none() | st.sampled_from(SEVERITIES)
ACTION: Final = st.sampled_from(ACTIONS)
STATUS: Final = st.sampled_from(STATUSES)
POLICIES: Final = st.builds(PolicyRef, IDS, IDS)
USERS: Final = st.builds(
    User, id=IDS, role=MAYBE, created_at=st.none() | MOMENTS, trusted=st.none() | st.booleans(), custom=CUSTOM
)
LOCATIONS: Final = st.builds(Location, bucket=IDS, key=IDS, version_id=MAYBE, etag=MAYBE) | st.builds(Location, url=IDS)
ATTACHMENTS: Final = st.builds(
    Attachment, kind=st.sampled_from(get_args(MediaKind)), bucket=IDS, key=IDS, version_id=MAYBE
) | st.builds(Attachment, kind=st.sampled_from(get_args(MediaKind)), url=IDS)
EVIDENCE: Final = st.builds(
    Evidence,
    span=st.none() | st.tuples(COUNTS, COUNTS),
    box=st.none() | st.tuples(PIXELS, PIXELS, PIXELS, PIXELS),
    frame=st.none() | st.tuples(COUNTS, COUNTS),
    payload=MAYBE,
    hash=MAYBE,
    distance=st.none() | COUNTS,
    snippet=MAYBE,
    attachment=st.none() | COUNTS,
    count=st.none() | COUNTS,
    entity=MAYBE,
)
FINDINGS: Final = st.builds(
    Finding,
    label=TEXTS,
    rule=MAYBE,
    severity=SEVERITY,
    confidence=st.none() | st.floats(0, 100),
    threshold=st.none() | FLOATS,
    evidence=tuples(EVIDENCE, 2),
)
OBJECTS: Final = tuples(
    st.builds(
        JudgedObject,
        kind=st.sampled_from(get_args(MediaKind)),
        location=LOCATIONS,
        sha256=MAYBE,
        size=st.none() | COUNTS,
    ),
    2,
)
REPORTS: Final = st.builds(
    Report,
    content_id=IDS,
    engine=TEXTS,
    engine_version=TEXTS,
    status=STATUS,
    reason=MAYBE,
    findings=tuples(FINDINGS, 2),
    scores=st.none() | st.dictionaries(TEXTS, st.floats(0, 1), max_size=3),
    cost=st.none() | st.builds(Cost, COUNTS, COUNTS),
    duration_ms=FLOATS,
    masked_text=MAYBE,
    objects=OBJECTS,
)
TRIGGERED: Final = st.builds(
    Triggered,
    rule=TEXTS,
    mode=st.sampled_from(("enforce", "shadow")),
    engine=TEXTS,
    label=TEXTS,
    action=ACTION,
    severity=SEVERITY,
    confidence=st.none() | FLOATS,
    threshold=st.none() | FLOATS,
    why=MAYBE,
    evidence=tuples(EVIDENCE, 2),
    instead_of=st.none() | ACTION,
)
CONSEQUENCES: Final = st.builds(
    Consequence,
    kind=st.sampled_from(("notice", "strike", "mute", "restrict", "lenient", "resubmission")),
    until=st.none() | MILLISECONDS,
    strikes=st.none() | COUNTS,
    why=MAYBE,
)

RECORDS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "message": st.builds(
        Message,
        content_id=IDS,
        kind=st.sampled_from(get_args(TextKind)),
        user=USERS,
        text=TEXTS,
        created_at=MOMENTS,
        conversation_id=MAYBE_ID,
        language=MAYBE,
        attachments=tuples(ATTACHMENTS),
        resubmits=MAYBE_ID,
        tenant=MAYBE_ID,
        custom=CUSTOM,
    ),
    "upload": st.builds(
        Upload,
        content_id=IDS,
        kind=st.sampled_from(get_args(MediaKind)),
        user=USERS,
        location=LOCATIONS,
        created_at=MOMENTS,
        content_type=MAYBE,
        size=st.none() | COUNTS,
        conversation_id=MAYBE_ID,
        caption=MAYBE,
        tenant=MAYBE_ID,
        custom=CUSTOM,
    ),
    "task": st.builds(
        Task,
        content_id=IDS,
        kind=KIND,
        objects=tuples(st.tuples(st.sampled_from(get_args(MediaKind)), LOCATIONS)),
        engines=tuples(TEXTS),
        policy=POLICIES,
        deadline_at=MILLISECONDS,
        tenant=MAYBE,
    ),
    "text_task": st.builds(
        TextTask,
        content_id=IDS,
        kind=KIND,
        user_id=IDS,
        engine=TEXTS,
        text=TEXTS,
        policy=POLICIES,
        deadline_at=MILLISECONDS,
        at=MILLISECONDS,
        language=MAYBE,
        conversation_id=MAYBE,
        tenant=MAYBE,
        context=tuples(
            st.builds(Entry, content_id=TEXTS, user_id=TEXTS, text=TEXTS, at=MILLISECONDS, action=st.none() | ACTION)
        ),
        found=tuples(TEXTS),
        spans=tuples(st.tuples(COUNTS, COUNTS)),
    ),
    "picture_task": st.builds(
        PictureTask,
        content_id=IDS,
        kind=KIND,
        engine=TEXTS,
        sha256=DIGESTS,
        location=LOCATIONS,
        format=TEXTS,
        size=COUNTS,
        width=COUNTS,
        height=COUNTS,
        frames=COUNTS,
        number=st.integers(0, 1000),
        of=st.integers(0, 1000),
        policy=POLICIES,
        deadline_at=MILLISECONDS,
        tenant=MAYBE,
        pdq=tuples(DIGESTS, 8),
    ),
    "judged_media": st.builds(
        JudgedMedia,
        sha256=DIGESTS,
        pdq=DIGESTS,
        engine=TEXTS,
        at=MILLISECONDS,
        wanted=TEXTS,
        least=st.floats(0, 100),
        model=TEXTS,
        adapter=st.booleans(),
        labels=tuples(st.builds(JudgedLabel, name=TEXTS, confidence=st.floats(0, 100), parent=TEXTS)),
    ),
    "video_task": st.builds(
        VideoTask,
        content_id=IDS,
        kind=KIND,
        engine=TEXTS,
        objects=tuples(st.tuples(st.sampled_from(get_args(MediaKind)), LOCATIONS)),
        policy=POLICIES,
        deadline_at=MILLISECONDS,
        tenant=MAYBE,
    ),
    "job_ended": st.builds(JobEnded, content_id=IDS, job_id=TEXTS, at=MILLISECONDS),
    "jobs_due": st.builds(JobsDue, content_id=IDS, at=MILLISECONDS),
    "case_opened": st.builds(
        CaseOpened,
        content_id=IDS,
        kind=KIND,
        user_id=TEXTS,
        required=tuples(TEXTS),
        reports=tuples(REPORTS, 2),
        policy=POLICIES,
        deadline_at=MILLISECONDS,
        received_at=MILLISECONDS,
        context=tuples(TEXTS),
        conversation_id=MAYBE,
        tenant=MAYBE,
        role=MAYBE,
        masked_text=MAYBE,
        objects=OBJECTS,
        early=tuples(TEXTS),
        trusted=st.none() | st.booleans(),
        user_created_at=st.none() | MILLISECONDS,
        resubmits=MAYBE_ID,
        previous=MAYBE_ID,
    ),
    "report": REPORTS,
    "part": st.builds(Part, content_id=IDS, number=st.integers(0, 1000), of=st.integers(0, 1000), report=REPORTS),
    "case_expired": st.builds(CaseExpired, content_id=IDS, at=MILLISECONDS),
    "decision": st.builds(
        Decision,
        decision_id=TEXTS,
        content_id=TEXTS,
        kind=KIND,
        user_id=TEXTS,
        revision=COUNTS,
        action=ACTION,
        labels=tuples(TEXTS),
        triggered=tuples(TRIGGERED, 2),
        shadow=tuples(TRIGGERED, 2),
        reports=tuples(
            st.builds(
                ReportSummary,
                engine=TEXTS,
                status=STATUS,
                reason=MAYBE,
                duration_ms=st.none() | FLOATS,
                version=MAYBE,
            )
        ),
        context=tuples(TEXTS),
        policy=POLICIES,
        source=st.sampled_from(("automatic", "moderator")),
        escalate=st.booleans(),
        partial=st.booleans(),
        reason=TEXTS,
        received_at=MILLISECONDS.map(iso),
        decided_at=MILLISECONDS.map(iso),
        conversation_id=MAYBE,
        tenant=MAYBE,
        previous_action=st.none() | ACTION,
        masked_text=MAYBE,
        severity=SEVERITY,
        confidence=st.none() | FLOATS,
        ruling_id=MAYBE,
        objects=OBJECTS,
        notice=st.none() | st.dictionaries(TEXTS, TEXTS, max_size=2),
        may_resubmit=st.booleans(),
        resubmission_of=MAYBE_ID,
        consequences=tuples(CONSEQUENCES, 2),
    ),
    "policy_version": st.builds(
        PolicyVersion,
        policy_id=IDS,
        version=TEXTS,
        document=TEXTS,
        files=tuples(st.builds(ListFile, path=TEXTS, sha256=DIGESTS, parts=COUNTS)),
    ),
    "policy_file": st.builds(FilePart, sha256=DIGESTS, number=COUNTS, data=TEXTS),
    "policy_in_force": st.builds(
        InForce,
        policy_id=IDS,
        version=TEXTS,
        at=MILLISECONDS,
        by=TEXTS,
        note=MAYBE,
        history=tuples(st.builds(Applied, version=TEXTS, at=MILLISECONDS, by=TEXTS, note=MAYBE)),
    ),
    "rule_released": st.builds(RuleReleased, policy_id=IDS, engine=TEXTS, rule=TEXTS, at=MILLISECONDS, by=TEXTS),
    "worker_status": st.builds(
        WorkerStatus,
        worker_id=IDS,
        role=TEXTS,
        started_at=MILLISECONDS,
        at=MILLISECONDS,
        app_version=TEXTS,
        policies=tuples(POLICIES),
        lag=COUNTS,
        unloaded=tuples(st.builds(Unloaded, policy=POLICIES, reason=TEXTS)),
        tripped=tuples(
            st.builds(
                Tripped,
                policy_id=IDS,
                engine=TEXTS,
                rule=TEXTS,
                since=MILLISECONDS,
                share=FLOATS,
                baseline=FLOATS,
            )
        ),
    ),
}

RECORDS["verdict"] = st.builds(
    Verdict,
    decision=RECORDS["decision"],
    at=MILLISECONDS,
    resubmits=MAYBE_ID,
    previous=MAYBE_ID,
    trusted=st.none() | st.booleans(),
)
RECORDS["standing_order"] = st.builds(
    StandingOrder,
    user_id=IDS,
    order_id=IDS,
    order=st.sampled_from(get_args(Order)),
    at=MILLISECONDS,
    by=TEXTS,
    why=MAYBE,
    restriction=st.none() | st.sampled_from(get_args(RestrictionKind)),
    until=MAYBE_TIME,
    content_id=MAYBE_ID,
)
RECORDS["ruling"] = st.builds(
    Ruling,
    ruling_id=IDS,
    act=st.sampled_from(ACTS),
    decision=RECORDS["decision"],
    by=TEXTS,
    at=MILLISECONDS,
    action=st.none() | ACTION,
    masked_text=MAYBE,
    priority=st.integers(0, 3),
    reason=MAYBE,
)
RECORDS["standing"] = st.builds(
    Standing,
    user_id=IDS,
    at=MILLISECONDS,
    strikes=tuples(st.builds(Strike, content_id=IDS, label=TEXTS, at=MILLISECONDS, until=MAYBE_TIME, weight=COUNTS)),
    restrictions=tuples(
        st.builds(
            Restriction,
            kind=st.sampled_from(get_args(RestrictionKind)),
            since=MILLISECONDS,
            by=TEXTS,
            until=MAYBE_TIME,
            why=MAYBE,
        )
    ),
    trusted=st.none() | st.booleans(),
    violations=COUNTS,
    past=tuples(
        st.builds(
            Violation,
            content_id=IDS,
            label=TEXTS,
            action=TEXTS,
            at=MILLISECONDS,
            ended=st.sampled_from(("stands", "withdrawn")),
        )
    ),
)
RECORDS["effect"] = st.builds(
    Effect,
    content_id=IDS,
    sink=st.sampled_from(get_args(Sink)),
    name=TEXTS,
    work=st.sampled_from(get_args(Work)),
    decision=RECORDS["decision"],
    target=st.dictionaries(TEXTS, TEXTS, max_size=3),
    at=MILLISECONDS,
)
RECORDS["effects_due"] = st.builds(EffectsDue, content_id=IDS, at=MILLISECONDS)
RECORDS["outcome"] = st.builds(
    Outcome,
    content_id=IDS,
    decision_id=IDS,
    revision=COUNTS,
    sink=st.sampled_from(get_args(Sink)),
    name=TEXTS,
    work=st.sampled_from(get_args(Work)),
    status=st.sampled_from(get_args(OutcomeStatus)),
    at=MILLISECONDS,
    attempts=COUNTS,
    reason=MAYBE,
    objects=OBJECTS,
    region=MAYBE,
)
