"""The policy of the benchmark: a blocklist of made-up terms and ten patterns, written into a folder."""

from pathlib import Path
from typing import Final

import yaml

# name, pattern, label, action: what administrators of chats look for
PATTERNS: Final = (
    ("phone_number", r"\b\d{3}-\d{3}-\d{4}\b", "pii", "mask_flag"),
    ("link", r"(http|https):\/\/[^\s]+", "spam", "flag"),
    ("mail_address", r"\b[\w.+-]+@[\w-]+(\.[\w-]+)+\b", "pii", "mask"),
    ("free_money", r"fr[e3]{2}\s*m[o0]n[e3]y", "scam", "block"),
    ("laughter", r"(ha){5,}", "spam", "flag"),
    ("card_number", r"\b(\d{4}[ -]?){3}\d{4}\b", "pii", "mask_flag"),
    ("ip_address", r"\b(\d{1,3}\.){3}\d{1,3}\b", "pii", "flag"),
    ("wallet", r"\b0x[0-9a-fA-F]{40}\b", "scam", "block"),
    ("other_app", r"(?i)\b(add|text|message) me on (snap|insta|whats|tele)\w*", "platform_bypass", "bounce"),
    ("stretched", r"(!{4,}|\?{4,}|\.{6,})", "spam", "flag"),
)


def written(folder: Path, terms: list[str]) -> Path:
    """Write the policy and its list into a folder; return the policy's file."""
    (folder / "terms.txt").write_text("\n".join(terms) + "\n", encoding="utf-8")
    patterns = [
        {"name": name, "pattern": pattern, "label": label, "action": action, "why": "what administrators look for"}
        for name, pattern, label, action in PATTERNS
    ]
    blocklist = {"name": "made_up", "file": "terms.txt", "label": "profanity", "action": "mask_flag"}
    document = {
        "id": "benchmark",
        "engines": {"blocklist": {"lists": [blocklist]}, "pattern": {"patterns": patterns}},
    }
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path
