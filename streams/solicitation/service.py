"""Names of messengers and payment services, as people write them, leet included."""

from collections.abc import Iterable
from typing import Final

# No other meaning, or hardly ever.
MESSENGERS: Final = (
    "whats ?app|whats app|whatsap|watsapp|watsap|wattsapp|wassap|telegram|tele gram|snapchat|snap chat|wechat|we chat|"
    "viber|kik|discord|skype|hangouts|google chat|instagram|insta|imessage|facetime|wickr|threema|zangi|potato chat|"
    "facebook messenger|fb messenger|messenger|line app|kakaotalk|kakao"
)
# Short for a messenger only where the words around say so.
SHORT_MESSENGERS: Final = (
    "snap|sc|tele|tg|ig|fb|wa|facebook|tiktok|signal|disc|line|session|e?mail|gmail|sms|reddit|zoom|google meet"
)
PAYMENTS: Final = (
    "cash ?app|venmo|zelle|pay ?pal|western union|money ?gram|wire transfer|bank wire|wise|revolut|apple pay|"
    "google pay|gpay|chime|skrill|neteller|crypto|bitcoin|btc|usdt|eth|ethereum|bank transfer|bank account|"
    "friends (?:and|&) family|f&f|gift cards?"
)

_LEET: Final = {"a": "4@", "e": "3", "i": "1!|", "o": "0", "s": "5$", "t": "7"}
_PLAIN: Final = str.maketrans({sign: letter for letter, signs in _LEET.items() for sign in signs})
_LEET_WRITTEN: Final = (
    "whatsapp", "telegram", "snapchat", "insta", "instagram", "discord", "signal", "viber", "kik", "skype", "wechat",
    "watsapp", "whatsap", "cashapp", "venmo", "zelle", "paypal", "bitcoin", "gmail",
)  # fmt: skip


def _in_leet(name: str) -> Iterable[str]:
    """Yield patterns for a name of which at least one letter is a sign: one pattern for the first such letter."""
    any_case = [f"[{letter}{_LEET[letter]}]" if letter in _LEET else letter for letter in name]
    for index, letter in enumerate(name):
        if letter in _LEET:
            yield f"{name[:index]}[{_LEET[letter]}]{''.join(any_case[index + 1 :])}"


LEET_NAMES: Final = "|".join(pattern for name in _LEET_WRITTEN for pattern in _in_leet(name))


def plain_name(matched: str) -> str:
    """Return a name without its signs."""
    return matched.translate(_PLAIN)
