"""Short answers: a message that says where to, after one that asked for or offered contact."""

from collections.abc import Iterable
from typing import Final

from streams.solicitation.expression import compiled, occurs, words
from streams.solicitation.lexicon import speech
from streams.solicitation.service import MESSENGERS, SHORT_MESSENGERS

LONGEST: Final = 60  # characters of a message that can be an answer by itself
NAMES: Final = words(f"{MESSENGERS}|{SHORT_MESSENGERS}")
# What an answer may hold beside a name; one more word is the handle.
_ANSWER: Final = compiled(
    rf"^\W*(?:{speech('answer_before')}\W*)*{NAMES}\W*(?:{speech('answer_after')}\W*)*[@#]?[a-z0-9._-]*\W*$"
)
_NO_HANDLE: Final = compiled(speech("no_handle"))
_OFFERED: Final = compiled(speech("offered"))
POINTS: Final = 0.4
OFFERS_SEEN: Final = 5  # messages back; older ones belong to another turn of the talk


def is_answer(form: str) -> bool:
    """Say whether a plain form is nothing but the name of a service, with a handle or without."""
    return len(form) <= LONGEST and occurs(_ANSWER, form) and not occurs(_NO_HANDLE, form)


def offered(before: Iterable[str]) -> bool:
    """Say whether earlier messages, in plain form, asked for or offered contact without saying where."""
    return any(occurs(_OFFERED, form) for form in before)
