"""A queue as a shift finds it: conversations, findings of all severities, pictures; stored the way that Kafka's are."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

from streams.core.action import Action
from streams.core.content import Location, Message, Upload, User
from streams.core.decision import Decision, ReportSummary, Triggered, decision_id
from streams.core.effect import Outcome
from streams.core.finding import Evidence
from streams.core.judged_object import JudgedObject
from streams.core.label import Severity
from streams.core.moment import EPOCH, iso
from streams.core.policy import PolicyRef
from streams.core.restriction import Restriction, Standing, Strike, Violation
from streams.store.batch import Batch, Read, UserStanding
from streams.store.database import Database
from streams.store.taking import take

MINUTE: Final = 60_000
DAY: Final = 86_400_000
POLICY: Final = PolicyRef("default", "4c1f0a7be29d5533")

# user -> role, days of the account, the platform's word
PEOPLE: Final[Mapping[str, tuple[str, int, bool | None]]] = {
    "noor_h": ("member", 812, None),
    "quickdeal77": ("member", 2, False),
    "marta.k": ("host", 1490, True),
    "tobi_lens": ("member", 96, None),
    "grindset_88": ("member", 11, False),
    "yuki.s": ("member", 340, None),
    "captain_odd": ("member", 57, None),
}


class Said(NamedTuple):
    """A message, and what was found in it: (engine, rule, label, severity, words that it marks, why)."""

    content_id: str
    conversation: str
    user: str
    ago: int  # minutes
    text: str
    found: tuple[tuple[str, str, str, Severity | None, str, str], ...] = ()
    action: Action = "flag"
    escalate: bool = False


ARRANGED: Final = "Asks to move money or contact outside of the platform"
TALK: Final[Sequence[Said]] = (
    Said("m-101", "flat-4711", "noor_h", 62, "Hi, is the flat on Elm Street still free in May?"),
    Said("m-102", "flat-4711", "quickdeal77", 61, "yes still free, many people asking"),
    Said("m-103", "flat-4711", "noor_h", 58, "Great. Could I see it on Saturday?"),
    Said("m-104", "flat-4711", "quickdeal77", 57, "i am abroad right now so no visits"),
    Said("m-105", "flat-4711", "noor_h", 55, "Hm. How would I get the keys then?"),
    Said("m-106", "flat-4711", "quickdeal77", 54, "courier brings them same day, everything is insured"),
    Said("m-107", "flat-4711", "noor_h", 52, "And the contract?"),
    Said(
        "m-108",
        "flat-4711",
        "quickdeal77",
        49,
        "Send the 900 deposit by gift card and write me on telegram @quickkeys, then keys come tomorrow",
        (
            (
                "solicitation",
                "payment",
                "scam",
                "high",
                "Send the 900 deposit by gift card",
                "Asks for money in a way that cannot be taken back",
            ),
            ("solicitation", "contact", "platform_bypass", "medium", "write me on telegram @quickkeys", ARRANGED),
        ),
        "block",
    ),
    Said("m-109", "flat-4711", "noor_h", 47, "That sounds odd, I would rather pay here."),
    Said("m-110", "flat-4711", "quickdeal77", 45, "last chance, two others are waiting"),
    Said("m-201", "squad-9", "captain_odd", 31, "gg everyone, rematch?"),
    Said(
        "m-202",
        "squad-9",
        "grindset_88",
        29,
        "you are useless, go cry somewhere, nobody wants you in this squad",
        (("text_model", "harassment", "harassment", "medium", "you are useless", "Ridicules a person"),),
    ),
    Said(
        "m-203",
        "squad-9",
        "grindset_88",
        26,
        "say that again and I will find out where you live",
        (("text_model", "threat", "violence", "high", "I will find out where you live", "Threatens a person"),),
        "shadow_block",
    ),
    Said(
        "m-301",
        "help-2",
        "yuki.s",
        12,
        "I don't see the point any more. I have everything ready for tonight.",
        (
            (
                "text_model",
                "self_harm",
                "self_harm",
                "critical",
                "everything ready for tonight",
                "May be about to harm themselves",
            ),
        ),
        "flag",
        escalate=True,
    ),
    Said(
        "m-401",
        "swap-33",
        "tobi_lens",
        8,
        "Call me on 555-014-2277 or mail tobi@example.org, the camera is still here",
        (("pii", "contact", "pii", "low", "555-014-2277", "Shows personal data"),),
        "mask_flag",
    ),
    Said(
        "m-501",
        "swap-33",
        "quickdeal77",
        5,
        "CHEAP FOLLOWERS CHEAP FOLLOWERS visit my page now",
        (("velocity", "same_text", "spam", "low", "CHEAP FOLLOWERS", "The same text again and again"),),
    ),
    Said(
        "m-502",
        "swap-34",
        "quickdeal77",
        4,
        "CHEAP FOLLOWERS CHEAP FOLLOWERS visit my page now",
        (("velocity", "same_text", "spam", "low", "CHEAP FOLLOWERS", "The same text again and again"),),
    ),
)
# content id -> (user, label, confidence, action, minutes ago, region)
PICTURES: Final[Mapping[str, tuple[str, str, float, Action, int]]] = {
    "p-1": ("tobi_lens", "violence", 97.4, "block", 38),
    "p-2": ("captain_odd", "qr_code", 99.0, "flag", 22),
    "p-3": ("marta.k", "alcohol", 83.5, "flag", 90),
    "p-4": ("grindset_88", "explicit", 96.1, "block", 17),
    "p-5": ("quickdeal77", "pii", 74.2, "flag", 44),
    "p-6": ("tobi_lens", "swimwear_underwear", 71.8, "flag", 130),
    "p-7": ("yuki.s", "rude_gestures", 66.0, "flag", 12),
    "p-8": ("captain_odd", "visually_disturbing", 88.3, "shadow_block", 51),
}


def filled(database: Database, now: int, files: Mapping[str, tuple[str, bytes]] | None = None) -> None:
    """Store the scene as of a moment; `files` are pictures, content id -> (path, bytes), `PICTURES` without."""
    files = {name: (f"/nowhere/{name}.png", name.encode()) for name in PICTURES} if files is None else files
    batch = Batch(
        decisions=_read("actions", [*_decisions(now), *_pictured(now, files)], now),
        messages=[Read(_message(one, now), "messages", 0, n, now - one.ago * MINUTE) for n, one in enumerate(TALK)],
        uploads=_read("uploads", [_upload(name, now, files) for name in PICTURES], now),
        outcomes=_read("outcomes", list(_outcomes(now)), now),
        standings=_read("standings", [UserStanding("quickdeal77", _standing(now))], now),
        positions={("actions", 0): 100},
    )
    with database.writing() as connection:
        take(connection, batch, now)


def taken(database: Database, content_id: str, text: str, at: int, **more: Any) -> None:
    """Let a flagged message come, as Kafka brings it."""
    batch = Batch(
        decisions=[Read(flagged(content_id, at, **more), "actions", 0, at, at)],
        messages=[Read(message(content_id, text, at), "messages", 0, at, at)],
    )
    with database.writing() as connection:
        take(connection, batch, at)


def person(name: str, now: int) -> User:
    """Return one of the people of the scene; a stranger for another name."""
    role, days, trusted = PEOPLE.get(name, ("member", 30, None))
    return User(name, role=role, created_at=EPOCH + timedelta(milliseconds=now - days * DAY), trusted=trusted)


def message(content_id: str, text: str, now: int, user: str = "noor_h", conversation: str = "c-1") -> Message:
    """Return a text."""
    created = EPOCH + timedelta(milliseconds=now)
    return Message(content_id, "message", person(user, now), text, created, conversation_id=conversation, language="en")


def flagged(content_id: str, now: int, user: str = "noor_h", conversation: str | None = "c-1", **more: Any) -> Decision:
    """Return a decision as the judge would make it now: one rule, unless `triggered` says otherwise."""
    lines = more.pop("triggered", (Triggered("terms", "enforce", "blocklist", "scam", "flag", "medium", why=ARRANGED),))
    given: dict[str, Any] = {
        "kind": "message",
        "action": "flag",
        "labels": tuple(dict.fromkeys(line.label for line in lines)),
        "severity": lines[0].severity,
        "confidence": lines[0].confidence,
        "reason": f"{lines[0].engine}.{lines[0].rule} found {lines[0].label}",
        "reports": REPORTS,
        "escalate": False,
    }
    return Decision(
        decision_id=decision_id(content_id, 0),
        content_id=content_id,
        user_id=user,
        revision=0,
        triggered=tuple(lines),
        shadow=(),
        context=(),
        policy=POLICY,
        source="automatic",
        partial=False,
        received_at=iso(now - 40),
        decided_at=iso(now),
        conversation_id=conversation,
        **given | more,
    )


REPORTS: Final = (
    ReportSummary("blocklist", "ok", duration_ms=0.1, version="3"),
    ReportSummary("solicitation", "ok", duration_ms=1.4, version="5"),
    ReportSummary("text_model", "ok", duration_ms=8.2, version="2026-05"),
    ReportSummary("pii", "ok", duration_ms=0.6, version="4"),
    ReportSummary("text_llm", "timeout", reason="deadline", duration_ms=3000.0),
)
LOOKED: Final = (
    ReportSummary("image_model", "ok", duration_ms=41.0, version="7", not_evaluated={"gambling": "no_detector"}),
    ReportSummary("qr", "ok", duration_ms=12.7, version="2"),
    ReportSummary("ocr", "skipped", reason="too_small"),
)


def _decisions(now: int) -> list[Decision]:
    result = []
    for one in TALK:
        if one.found:
            lines = tuple(
                Triggered(
                    rule, "enforce", engine, label, one.action, severity, why=why, evidence=_span(one.text, words)
                )
                for engine, rule, label, severity, words, why in one.found
            )
            masked = one.text.replace("555-014-2277", "****") if one.action == "mask_flag" else None
            result.append(
                flagged(
                    one.content_id,
                    now - one.ago * MINUTE,
                    one.user,
                    one.conversation,
                    triggered=lines,
                    action=one.action,
                    escalate=one.escalate,
                    masked_text=masked,
                )
            )
    return result


def _span(text: str, words: str) -> tuple[Evidence, ...]:
    start = text.index(words)
    return (Evidence(span=(start, start + len(words))),)


def _pictured(now: int, files: Mapping[str, tuple[str, bytes]]) -> list[Decision]:
    result = []
    for name, (user, label, confidence, action, ago) in PICTURES.items():
        path, data = files[name]
        evidence = (Evidence(box=(40, 30, 220, 190)),)
        line = Triggered(
            f"{label}_60",
            "enforce",
            "image_model",
            label,
            action,
            confidence=confidence,
            threshold=60.0,
            why="Not shown to others on this platform",
            evidence=evidence,
        )
        object_ = JudgedObject("image", Location(path=path), sha256(data).hexdigest(), len(data))
        result.append(
            flagged(
                name,
                now - ago * MINUTE,
                user,
                None,
                triggered=(line,),
                kind="image",
                action=action,
                objects=(object_,),
                reports=LOOKED,
            )
        )
    return result


def _message(one: Said, now: int) -> Message:
    return message(one.content_id, one.text, now - one.ago * MINUTE, one.user, one.conversation)


def _upload(name: str, now: int, files: Mapping[str, tuple[str, bytes]]) -> Upload:
    user, *_, ago = PICTURES[name]
    created = EPOCH + timedelta(milliseconds=now - ago * MINUTE)
    return Upload(name, "image", person(user, now), Location(path=files[name][0]), created)


def _outcomes(now: int) -> list[Outcome]:
    of = decision_id("m-108", 0)
    return [
        Outcome("m-108", of, 0, "webhook", "tell_platform", "post", "done", now - 48 * MINUTE),
        Outcome("m-108", of, 0, "sns", "tell_author", "notify", "failed", now - 48 * MINUTE, 3, "not_authorized"),
    ]


def _standing(now: int) -> Standing:
    return Standing(
        "quickdeal77",
        now - 49 * MINUTE,
        strikes=(Strike("m-108", "scam", now - 49 * MINUTE, now + 89 * DAY),),
        restrictions=(Restriction("restrict", now - 49 * MINUTE, "ladder", now + 2 * DAY, "2 strikes"),),
        violations=3,
        past=(
            Violation("m-007", "spam", "block", now - DAY, "withdrawn"),
            Violation("m-108", "scam", "block", now - 49 * MINUTE),
        ),
    )


def _read(topic: str, records: Sequence[Any], at: int) -> list[Read[Any]]:
    return [Read(record, topic, 0, number, at) for number, record in enumerate(records)]
