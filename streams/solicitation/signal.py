"""Signals: what makes an attempt worse whatever it is about. A plain form in, the names of its signals out."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from streams.core.label import SEVERITIES, SEVERITY_RANK, Severity
from streams.solicitation.expression import together, words

LINK: Final = (
    r"(?:https?:/|\bwww\.|\bhxxp|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\."
    r"(?:com|net|org|info|xyz|top|site|online|club|shop|live|icu|link|click|vip|win|ru|cn|tk|ml|cf|ga|io|me|ly|co|"
    r"gg|app|biz|example|uk|in|us)\b(?:/|\b))"
)
# An amount with its currency, or with a word for many.
MONEY: Final = (
    r"(?:(?:[$£€₹]|\b(?:rs\.?|usd|us\$|gbp|eur|inr)) ?[0-9][0-9.,]*(?: ?(?:k|m|million|mil|billion|lakhs?))?\b|"
    r"\b[0-9][0-9.,]* ?(?:k |million |thousand )?(?:dollars?|usd|bucks|pounds?|gbp|euros?|eur|btc|bitcoins?|eth|usdt|"
    r"rupees|naira|quid|[$£€₹])(?:\b|[^a-z0-9]|$))"
)
URGENCY: Final = words(
    r"urgent(?:ly)?|immediate(?:ly)?|asap|at once|act (?:now|fast|today)|right now|right away|today only|"
    r"last (?:chance|warning|day|notice)|final (?:notice|warning|attempt|reminder)|(?:with)?in (?:the next )?"
    r"[0-9]+ ?(?:hours?|hrs?|h|minutes?|mins?|days?)|expir(?:es?|ed|ing)|limited (?:time|spots|offer)|hurry|"
    r"before midnight|only [0-9]+ (?:spots?|places|slots|left)|to avoid (?:suspension|closure|penalt\w+|arrest|"
    r"deactivation|termination|charges)|instantly|don't miss"
)
CREDENTIAL: Final = words(
    r"(?:credit|debit|bank|visa) cards?|card (?:number|details|info|information)|cvv|cvc|pin(?: code| number)?|"
    r"passwords?|passcode|otp|(?:verification|security|login|[0-9] ?-? ?digit|six digit) code|ssn|social security|"
    r"bank (?:details|account|login|info|information)|account (?:number|details|info)|login (?:details|info)|"
    r"(?:seed|recovery|secret|backup) (?:phrase|words|key)|private key|enter your card|your card"
)
AUTHORITY: Final = words(
    r"irs|hmrc|fbi|police|customs|usps|dhl|fedex|royal ?mail|hermes|evri|paypal|amazon|netflix|apple|microsoft|google|"
    r"(?:your|the|dear) bank|barclays|hsbc|natwest|lloyds|chase|wells fargo|citibank|bank of \w+|coinbase|binance|"
    r"(?:support|security|fraud|billing|compliance) (?:team|department|dept|desk)|customer (?:service|care|support)|"
    r"barrister|attorney|solicitor|lawyer|government|embassy|united nations|army|dear (?:customer|user|client|member)|"
    r"valued customer|tax office|dvla|social security administration|administrator"
)
CALL: Final = r"\b(?:call|txt|text|ring|dial|reply|sms|whatsapp|contact)\b[^.!?]{0,40}\b[0-9][0-9 ()-]{3,15}[0-9]\b"

SIGNALS: Final[tuple[tuple[str, str, int], ...]] = (  # name, pattern, weight for the severity
    ("link", LINK, 1),
    ("money", MONEY, 1),
    ("urgency", URGENCY, 1),
    ("credential", CREDENTIAL, 2),  # who hands it over has lost
    ("authority", AUTHORITY, 1),
    ("call", CALL, 0),  # a number to call stands in harmless texts too
)
WEIGHTS: Final = {name: weight for name, _, weight in SIGNALS}
EACH: Final = 0.1  # what a signal adds to the points of a family that counts it

# Weight of the signals from which the severity is one and two steps higher. Two independent signals are seldom chance:
# one of them is a credential, or there are two of a link, an amount, urgency and an authority.
STEPS: Final = (2, 5)
# Critical is what must be acted on at once: life and children, no money.
HIGHEST: Final = SEVERITY_RANK["high"]


@cache
def _signals() -> Any:
    return together([pattern for _, pattern, _ in SIGNALS])


def signals_of(form: str) -> frozenset[str]:
    """Return the names of the signals in a plain form."""
    return frozenset(SIGNALS[index][0] for index in _signals().Match(form.encode()) or ())


def raised(severity: Severity, signals: Iterable[str]) -> Severity:
    """Return a severity raised by the signals that a text holds; never above high."""
    weight = sum(WEIGHTS[name] for name in signals)
    rank = SEVERITY_RANK[severity]
    steps = sum(weight >= step for step in STEPS)
    return SEVERITIES[max(rank, min(rank + steps, HIGHEST))]
