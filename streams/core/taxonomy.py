"""Labels of Rekognition's moderation taxonomy in, the twelve categories with confidences out; nothing is lost.

Two traps: the first level is not the category (version 7 files blood under Violence), and parents come together with
their children, so that counting labels counts one finding up to three times.

Source: Amazon Rekognition developer guide, "Moderating content" (version 7: 52 labels in three levels) and
"Transforming moderation responses" (from 6.1 to 7); the categories are the specification's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

# The labels of version 7 by their parent; those without one are the first level.
LEVELS: Final[Mapping[str, Sequence[str]]] = {
    "": (
        "Explicit",
        "Non-Explicit Nudity of Intimate parts and Kissing",
        "Swimwear or Underwear",
        "Violence",
        "Visually Disturbing",
        "Drugs & Tobacco",
        "Alcohol",
        "Rude Gestures",
        "Gambling",
        "Hate Symbols",
    ),
    "Explicit": ("Explicit Nudity", "Explicit Sexual Activity", "Sex Toys"),
    "Non-Explicit Nudity of Intimate parts and Kissing": (
        "Non-Explicit Nudity",
        "Obstructed Intimate Parts",
        "Kissing on the Lips",
    ),
    "Swimwear or Underwear": ("Female Swimwear or Underwear", "Male Swimwear or Underwear"),
    "Violence": ("Weapons", "Graphic Violence"),
    "Visually Disturbing": ("Death and Emaciation", "Crashes"),
    "Drugs & Tobacco": ("Products", "Drugs & Tobacco Paraphernalia & Use"),
    "Alcohol": ("Alcohol Use", "Alcoholic Beverages"),
    "Rude Gestures": ("Middle Finger",),
    "Hate Symbols": ("Nazi Party", "White Supremacy", "Extremist"),
    "Explicit Nudity": (
        "Exposed Male Genitalia",
        "Exposed Female Genitalia",
        "Exposed Buttocks or Anus",
        "Exposed Female Nipple",
    ),
    "Non-Explicit Nudity": (
        "Bare Back",
        "Exposed Male Nipple",
        "Partially Exposed Buttocks",
        "Partially Exposed Female Breast",
        "Implied Nudity",
    ),
    "Obstructed Intimate Parts": ("Obstructed Female Nipple", "Obstructed Male Genitalia"),
    "Graphic Violence": (
        "Weapon Violence",
        "Physical Violence",
        "Self-Harm",
        "Blood & Gore",
        "Explosions and Blasts",
    ),
    "Death and Emaciation": ("Emaciated Bodies", "Corpses"),
    "Crashes": ("Air Crash",),
    "Products": ("Pills",),
    "Drugs & Tobacco Paraphernalia & Use": ("Smoking",),
    "Alcohol Use": ("Drinking",),
}
PARENTS: Final[Mapping[str, str]] = {name: parent for parent, names in LEVELS.items() for name in names}

# A label without a line of its own has the categories of its parent.
OF_VERSION_7: Final[Mapping[str, tuple[str, ...]]] = {
    "Explicit": ("explicit",),
    "Non-Explicit Nudity of Intimate parts and Kissing": ("non_explicit_nudity",),
    "Swimwear or Underwear": ("swimwear_underwear",),
    "Violence": ("violence",),
    "Visually Disturbing": ("visually_disturbing",),
    "Drugs & Tobacco": ("drugs_tobacco",),
    "Alcohol": ("alcohol",),
    "Rude Gestures": ("rude_gestures",),
    "Gambling": ("gambling",),
    "Hate Symbols": ("hate_symbols",),
    "Self-Harm": ("violence", "visually_disturbing"),
    "Blood & Gore": ("visually_disturbing", "violence"),
}
OF_VERSION_6: Final[Mapping[str, tuple[str, ...]]] = {
    "Explicit Nudity": ("explicit",),
    "Nudity": ("explicit",),
    "Graphic Male Nudity": ("explicit",),
    "Graphic Female Nudity": ("explicit",),
    "Sexual Activity": ("explicit",),
    "Illustrated Explicit Nudity": ("explicit",),
    "Adult Toys": ("explicit",),
    "Female Swimwear Or Underwear": ("swimwear_underwear",),
    "Male Swimwear Or Underwear": ("swimwear_underwear",),
    "Partial Nudity": ("non_explicit_nudity",),
    "Barechested Male": ("non_explicit_nudity",),
    "Revealing Clothes": ("non_explicit_nudity",),
    "Sexual Situations": ("non_explicit_nudity",),
    "Violence": ("violence",),
    "Graphic Violence Or Gore": ("violence", "visually_disturbing"),
    "Physical Violence": ("violence",),
    "Weapon Violence": ("violence",),
    "Weapons": ("violence",),
    "Self Injury": ("violence",),
    "Visually Disturbing": ("visually_disturbing",),
    "Emaciated Bodies": ("visually_disturbing",),
    "Corpses": ("visually_disturbing",),
    "Hanging": ("visually_disturbing",),
    "Air Crash": ("visually_disturbing",),
    "Explosions And Blasts": ("visually_disturbing",),
    "Drugs": ("drugs_tobacco",),
    "Tobacco": ("drugs_tobacco",),
    "Drug Products": ("drugs_tobacco",),
    "Drug Use": ("drugs_tobacco",),
    "Pills": ("drugs_tobacco",),
    "Drug Paraphernalia": ("drugs_tobacco",),
    "Tobacco Products": ("drugs_tobacco",),
    "Smoking": ("drugs_tobacco",),
    "Alcohol": ("alcohol",),
    "Drinking": ("alcohol",),
    "Alcoholic Beverages": ("alcohol",),
    "Rude Gestures": ("rude_gestures",),
    "Middle Finger": ("rude_gestures",),
    "Gambling": ("gambling",),
    "Hate Symbols": ("hate_symbols",),
    "Nazi Party": ("hate_symbols",),
    "White Supremacy": ("hate_symbols",),
    "Extremist": ("hate_symbols",),
}
# Of version 6, with no category of its own: its children decide.
UNDECIDED: Final = "Suggestive"
CATEGORIES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(category for categories in OF_VERSION_7.values() for category in categories)
)
SELF_HARM: Final = frozenset({"Self-Harm", "Self Injury"})
DEEPEST: Final = 8  # levels that are walked up; the taxonomy has three


class Label(NamedTuple):
    """One label of an answer."""

    name: str
    parent: str  # "" at the first level
    confidence: float  # 0..100


class Seen(NamedTuple):
    """How sure the answer is of a category, and by which label: the deepest one, among those the surest."""

    confidence: float  # the highest of all labels that belong to the category
    label: str


class Sorted(NamedTuple):
    """An answer by categories."""

    categories: Mapping[str, Seen]
    unmapped: Seen | None  # of labels that belong to no category
    unknown: frozenset[str]  # names that stand in no table, whether their parents do or not
    self_harm: float  # 0 where the answer does not name it


def sorted_out(labels: Iterable[Label], version: str | None) -> Sorted:
    """Return the categories of an answer's labels; `version` of the model as the answer names it, such as "7.0".

    Recordings without a version are read by whichever table knows a name, the newer one first.
    """
    labels = tuple(labels)
    table = _of(version)
    parents = {**PARENTS, **{label.name: label.parent for label in labels}}
    categories: dict[str, list[Label]] = {}
    homeless: list[Label] = []
    unknown = set()
    for label in labels:
        if not _known(label.name, version):
            unknown.add(label.name)
        found = _categories(label.name, table, parents)
        for category in found:
            categories.setdefault(category, []).append(label)
        if not found:
            homeless.append(label)
    above = {label.parent for label in labels}
    homeless = [label for label in homeless if not (label.name == UNDECIDED and UNDECIDED in above)]
    return Sorted(
        {category: _seen(belonging, parents) for category, belonging in categories.items()},
        _seen(homeless, parents) if homeless else None,
        frozenset(unknown),
        max((label.confidence for label in labels if label.name in SELF_HARM), default=0.0),
    )


def _of(version: str | None) -> Mapping[str, tuple[str, ...]]:
    if version is None:
        return {**OF_VERSION_6, **OF_VERSION_7}
    return OF_VERSION_6 if _is_old(version) else OF_VERSION_7


def _known(name: str, version: str | None) -> bool:
    old = name in OF_VERSION_6 or name == UNDECIDED
    if version is None:
        return old or name in PARENTS
    return old if _is_old(version) else name in PARENTS


def _is_old(version: str) -> bool:
    major = version.partition(".")[0]
    return major.isdecimal() and int(major) < 7  # noqa: PLR2004  the version that the first table is of


def _categories(name: str, table: Mapping[str, tuple[str, ...]], parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return the categories of a name, or of the nearest one above that has some."""
    for _ in range(DEEPEST):
        if name in table:
            return table[name]
        name = parents.get(name, "")
        if not name:
            break
    return ()


def _seen(labels: Sequence[Label], parents: Mapping[str, str]) -> Seen:
    deepest = max(labels, key=lambda label: (_depth(label.name, parents), label.confidence, label.name))
    return Seen(max(label.confidence for label in labels), deepest.name)


def _depth(name: str, parents: Mapping[str, str]) -> int:
    depth = 0
    while name and depth < DEEPEST:
        name, depth = parents.get(name, ""), depth + 1
    return depth
