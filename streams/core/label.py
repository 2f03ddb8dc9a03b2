"""The closed sets of labels, severities and content kinds; policies may add labels of their own."""

import re
from typing import Final, Literal, get_args

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
SEVERITY_RANK: Final[dict[str, int]] = {name: rank for rank, name in enumerate(SEVERITIES)}

Kind = Literal["message", "post", "comment", "profile", "image", "video"]
TextKind = Literal["message", "post", "comment", "profile"]
MediaKind = Literal["image", "video"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TEXT_KINDS: Final[frozenset[str]] = frozenset(get_args(TextKind))

TEXT_LABELS: Final[frozenset[str]] = frozenset(
    {
        # the five that the specification names
        "scam",
        "sexual_harassment",
        "hate_speech",
        "pii",
        "platform_bypass",
        # the ones that detectors of the field add
        "hate_threatening",
        "sexual",
        "harassment",
        "violence",
        "violence_graphic",
        "self_harm",
        "child_safety",
        "terrorism",
        "gambling",
        "drugs",
        "profanity",
        "toxicity",
        "abuse",
        "spam",
    }
)
MEDIA_LABELS: Final[frozenset[str]] = frozenset(
    {
        "explicit",
        "non_explicit_nudity",
        "swimwear_underwear",
        "violence",
        "visually_disturbing",
        "drugs_tobacco",
        "alcohol",
        "rude_gestures",
        "gambling",
        "hate_symbols",
        "pii",
        "qr_code",
        "known_media",
    }
)
# What a service saw and no category has: not dropped, put before somebody.
UNMAPPED: Final = "unmapped"
LABELS: Final[frozenset[str]] = TEXT_LABELS | MEDIA_LABELS | {UNMAPPED}

# Names of custom labels, engines, rules, lists, patterns.
NAME: Final[re.Pattern[str]] = re.compile(r"[a-z][a-z0-9_]*")
