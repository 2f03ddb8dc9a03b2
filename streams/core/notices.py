"""Notices: an action and its labels in, what the author is told in a person's words out, by locale.

No content stands in a notice, and no rule: it says what is wrong, not how it was found.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from streams.core.action import Action

DEFAULT: Final = "default"  # the key of what is said where no label has a sentence of its own
BOUNCING: Final[frozenset[Action]] = frozenset({"bounce", "bounce_flag", "bounce_block"})
# Of the others the author is to know nothing (`shadow_block`), or nothing happens to the content.
TOLD: Final[frozenset[Action]] = BOUNCING | {"mask", "mask_flag", "block"}

Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
LOCALES: Final = 100  # of one policy

Notices = Mapping[str, Mapping[str, str]]  # locale -> label, or `default` -> sentence


def _not_empty(notices: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    if any(not sentences for sentences in notices.values()):
        raise ValueError("a locale without a sentence: leave it out")
    return notices


NoticesConfig = Annotated[dict[Locale, dict[Key, Sentence]], Field(max_length=LOCALES), AfterValidator(_not_empty)]


def combined(shipped: Notices, own: Notices) -> dict[str, dict[str, str]]:
    """Return the shipped sentences with those of a policy over them."""
    return {locale: {**shipped.get(locale, {}), **own.get(locale, {})} for locale in sorted({*shipped, *own})}


def speechless(notices: Notices) -> list[str]:
    """Return the locales in which there is nothing to say where no label has a sentence of its own."""
    return [locale for locale, sentences in notices.items() if DEFAULT not in sentences]


def notice(notices: Notices, action: Action, labels: Iterable[str]) -> dict[str, str] | None:
    """Return the sentence of each locale, that of the first label that has one; None where the author is told nothing.

    `labels` are those that lead to the action, the strongest rule's first.
    """
    if action not in TOLD or not notices:
        return None
    keys = (*labels, DEFAULT)
    said = {}
    for locale, sentences in notices.items():
        key = next((key for key in keys if key in sentences), None)
        if key is not None:
            said[locale] = sentences[key]
    return said or None
