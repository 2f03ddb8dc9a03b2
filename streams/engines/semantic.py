"""Semantic filters: texts in, what means the same as a policy's seed phrases out, whatever its words.

A text's score for a filter is the largest cosine of any of its pieces with any seed phrase; a piece that is at least as
near to a contrast phrase does not count. All filters together cost one embedding a text and one matrix product. The
gate keeps from the encoder the texts whose words come near to no filter; those that the text model doubts it passes on.
"""

import math
import re
from collections.abc import Sequence
from threading import Lock
from typing import Annotated, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, field_validator, model_validator

from streams.core.engine import Accepts, Config, Example, Refused, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.recent import Recent
from streams.core.rule import Rule, RuleConfig
from streams.core.span import Span
from streams.models import heads, sketch, words
from streams.models.encoder import Vectors, shared_encoder
from streams.models.glance import shared_glance
from streams.models.nearest import FAR, Group, Nearest
from streams.models.phrases import shared_phrases
from streams.models.prepared import has_letter, prepared
from streams.models.reading import Reading, readings, vectors
from streams.models.sketch import Gate
from streams.models.weights import Missing

REMEMBERED: Final = 20_000  # texts whose answers are remembered
LONG: Final = 2_000  # characters; longer texts are not
LONGEST: Final = 500  # characters of a phrase
MOST_PHRASES: Final = 200  # seeds, or contrast phrases, of one filter
MOST_FILTERS: Final = 5_000
MOST_TOGETHER: Final = 20_000  # phrases of all filters: about a millisecond each when a policy is loaded
# Below its threshold a cosine is a weak sign: its score halves at each step, so that it cannot be taken for the
# probability that another engine gives the same label.
STEP: Final = 0.02
LEAST: Final = 0.01  # scores below are not told
FARTHEST: Final = np.float32(STEP * math.log2(1 / LEAST))  # how far below a threshold a score may reach LEAST


def _worded(phrase: str) -> str:
    if not has_letter(phrase):
        raise ValueError("holds no letter: write what a text would say")
    return phrase


Phrase = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_worded)]


class FilterConfig(RuleConfig):
    """A filter: what a text may mean, in phrases, and from which cosine on it means that."""

    seeds: list[Phrase] = Field(min_length=1, max_length=MOST_PHRASES)
    contrast: list[Phrase] = Field(default=[], max_length=MOST_PHRASES)
    threshold: float = Field(gt=0, lt=1)  # .40 to .50 for most; the same words again have 1

    @model_validator(mode="after")
    def _told_apart(self) -> "FilterConfig":
        both = {phrase.casefold() for phrase in self.seeds} & {phrase.casefold() for phrase in self.contrast}
        if both:
            raise ValueError(f"{', '.join(sorted(both))}: is a seed and a contrast phrase: it can be only one of them")
        return self


class SemanticConfig(Config):
    """What a policy may say about semantic filters."""

    filters: list[FilterConfig] = Field(min_length=1, max_length=MOST_FILTERS)
    # False: the encoder looks at every text, not only at those whose words come near to a filter
    gate: bool = True

    @field_validator("filters")
    @classmethod
    def _few_enough(cls, filters: list[FilterConfig]) -> list[FilterConfig]:
        phrases = sum(len(one.seeds) + len(one.contrast) for one in filters)
        if phrases > MOST_TOGETHER:
            raise ValueError(f"they hold {phrases} phrases together: at most {MOST_TOGETHER}")
        return filters


class Semantic:
    """Finds texts that mean what a filter's seed phrases mean."""

    name: ClassVar[str] = "semantic"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    slow: ClassVar[bool] = True
    Config: ClassVar[type[SemanticConfig]] = SemanticConfig

    def __init__(self, config: SemanticConfig) -> None:
        self.rules: tuple[Rule, ...] = tuple(one.rule(self.name, percent(one.threshold)) for one in config.filters)
        self.labels = frozenset(rule.label for rule in self.rules)
        self._thresholds = np.array([one.threshold for one in config.filters], np.float32)
        groups = _groups(config.filters)
        try:
            self._encoder, phrases = shared_encoder(), shared_phrases()
        except Missing as error:  # the policy's errors are told together, with its file
            raise ValueError(str(error)) from None
        self._nearest = Nearest(groups, phrases)
        self._glance = shared_glance()
        self._heads = heads.shipped()
        self._gate: Gate | None = None
        if config.gate:
            self._gate = Gate([group.seeds for group in groups], phrases, words.shipped(), sketch.shipped())
        self._recent: Recent[str, Answer] = Recent(REMEMBERED)
        self._lock = Lock()

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per filter that it is near to, and a score for each label it comes near."""
        texts = [subject.text for subject in batch]
        with self._lock:
            known = {text: self._recent.get(text) for text in texts}
        new = [text for text, answer in known.items() if answer is None]
        looked = self._looked(new)
        with self._lock:
            for text, found in zip(new, looked, strict=True):
                known[text] = found if len(text) > LONG else self._recent.put(text, found)
        return [answer for text in texts if (answer := known[text]) is not None]

    def _looked(self, texts: Sequence[str]) -> list[Answer]:
        answers = [NOTHING_FOUND] * len(texts)
        read = readings(texts)
        asked = self._asked(read)
        if not asked:
            return answers
        near, starts = self._near([read[place] for place in asked])
        heard = near >= self._thresholds - FARTHEST  # only there a text is looked at by itself
        for row, place in enumerate(asked):
            pieces = slice(starts[row], starts[row + 1])
            if heard[pieces].any():
                answers[place] = self._answer(texts[place], read[place], near[pieces])
        return answers

    def _asked(self, read: Sequence[Reading]) -> list[int]:
        """Return the places of the texts that are worth the encoder; long ones always are."""
        worded = [place for place, one in enumerate(read) if has_letter(one.prepared)]
        if self._gate is None:
            return worded
        short = [place for place in worded if read[place].short]
        seen = self._glance([read[place] for place in short])
        worth = self._heads.doubtful(seen.cheap) | self._heads.suspected(seen.cheap, self.labels)
        worth |= self._gate.near(seen.words, seen.lengths).any(axis=1)
        for row in np.flatnonzero(~worth).tolist():
            if len(pieces := read[short[row]].pieces) > 1:
                parts = self._glance([Reading(piece, (piece,)) for piece in pieces])
                worth[row] = self._gate.near(parts.words, parts.lengths).any()
        kept = {place for place, one in zip(short, worth.tolist(), strict=True) if not one}
        return [place for place in worded if place not in kept]

    def similarities(self, texts: Sequence[str]) -> Vectors:
        """Return float32 [texts, filters]: how near each text comes to each filter; FAR where it has no letter."""
        read = readings(texts)
        found = np.full((len(texts), len(self.rules)), FAR, np.float32)
        asked = [place for place, reading in enumerate(read) if has_letter(reading.prepared)]
        if asked:
            near, starts = self._near([read[place] for place in asked])
            found[asked] = np.maximum.reduceat(near, starts[:-1], axis=0)
        return found

    def _near(self, read: Sequence[Reading]) -> tuple[Vectors, NDArray[np.int64]]:
        """Return the cosines of all pieces, float32 [pieces, filters], and where those of each reading start."""
        encoded = vectors(read, self._encoder)
        return self._nearest(encoded.vectors), encoded.starts

    def _scores(self, near: Vectors) -> Vectors:
        """Return a text's cosines as scores, 0..1: as they are from the threshold on, halved at each STEP below it."""
        scores: Vectors = np.clip(near, 0, 1) * np.exp2(np.minimum(near - self._thresholds, 0) / np.float32(STEP))
        return scores

    def _answer(self, text: str, reading: Reading, near: Vectors) -> Answer:
        """Return the answer to a text whose pieces have these cosines, float32 [pieces, filters]."""
        best = near.argmax(axis=0)  # piece of each filter
        cosines = near[best, np.arange(len(self.rules))]
        findings = []
        for number in np.flatnonzero(cosines >= self._thresholds):
            rule = self.rules[number]
            evidence = Evidence(span=located(text, reading, int(best[number])))
            findings.append(
                Finding(
                    rule.label,
                    rule.name,
                    rule.severity,
                    percent(float(min(cosines[number], 1))),
                    rule.threshold,
                    (evidence,),
                )
            )
        scores: dict[str, float] = {}
        told = self._scores(cosines)
        for number in np.flatnonzero(told >= LEAST):
            label = self.rules[number].label
            scores[label] = max(scores.get(label, 0.0), round(float(told[number]), 4))
        return Answer(findings=tuple(findings), scores=scores) if scores else NOTHING_FOUND

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return paraphrases of seed phrases, a text that a contrast phrase keeps out, and one about something else."""
        sales = {"name": "sales", "label": "spam", "seeds": ["buy now"], "threshold": 0.42}
        away = {
            "name": "away",
            "label": "platform_bypass",
            "seeds": ["let's continue this conversation off the app"],
            "contrast": ["how do I report somebody who wants to talk on another app?"],
            "threshold": 0.42,
        }
        return (
            Example({"filters": [sales, away]}, Text("purchase immediately"), frozenset({"spam"})),
            Example({"filters": [sales]}, Text("I had soup for dinner"), frozenset()),
            Example({"filters": [away]}, Text("Let's keep talking somewhere else"), frozenset({"platform_bypass"})),
            Example({"filters": [away]}, Text("how can I report a user who asks to chat on an other app"), frozenset()),
        )


def percent(cosine: float) -> float:
    """Return a cosine as a confidence, 0..100: how near a text is, no probability."""
    return round(100 * cosine, 2)


def located(text: str, reading: Reading, piece: int) -> Span:
    """Return where a piece stands in the text as it was written; the whole text where that cannot be told."""
    lower = text.lower()
    if len(reading.pieces) > 1 and len(lower) == len(text):
        words = r"\s+".join(re.escape(word) for word in reading.pieces[piece].split())
        if words and (found := re.search(words, lower)):
            return found.span()
    return 0, len(text)


def _groups(filters: Sequence[FilterConfig]) -> list[Group]:
    """Return the phrases of all filters as the encoder reads them; raise Refused with all that say nothing."""
    groups, wrong = [], []
    for number, one in enumerate(filters):
        ready: dict[str, list[str]] = {"seeds": [], "contrast": []}
        for key, phrases in (("seeds", one.seeds), ("contrast", one.contrast)):
            for place, phrase in enumerate(phrases):
                ready[key].append(prepared(phrase))
                if not has_letter(ready[key][-1]):
                    wrong.append((f"filters[{number}] {one.name}: {key}[{place}]", "says nothing that can be read"))
        groups.append(Group(**ready))
    if wrong:
        raise Refused(wrong)
    return groups
