"""The text model: texts in, each label that they carry with a severity out; offline, from the text and its context.

Heads on a sentence encoder and on n-grams say how probable each label is; what a text shows beside its topic (a threat,
a minor, a laugh) says how severe it is; the messages before it say what a short answer means, that kills are those of a
game, and that small remarks add up. Cheap heads on n-grams alone decide which texts are worth the encoder.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar, Final, NamedTuple

import msgspec
import numpy as np
from pydantic import Field, field_validator

from streams.core.engine import Accepts, Config, Example, Text
from streams.core.finding import NOTHING_FOUND, Answer, Finding
from streams.core.graded import Graded, rules
from streams.core.label import SEVERITY_RANK, Severity
from streams.core.recent import Recent
from streams.core.rule import Rule
from streams.core.window import Entry
from streams.models import held_out
from streams.models.encoder import shared_encoder
from streams.models.features import wide
from streams.models.glance import shared_glance
from streams.models.heads import Floats, Heads, shipped
from streams.models.language import is_foreign
from streams.models.ngrams import spaced
from streams.models.outright import outright
from streams.models.prepared import has_letter, prepared
from streams.models.reading import Reading, readings, vectors
from streams.models.weights import Missing
from streams.signals.conversation import accumulated, affirmed, answered, assent, gaming, played, weight
from streams.signals.severity import by_signals, graded
from streams.signals.signal import NONE, Signals, signals

REMEMBERED: Final = 20_000  # texts whose probabilities are remembered
LONG: Final = 2_000  # characters; longer texts are not
TOLD: Final = 0.001  # probabilities below are not told

# Labels for which there is no data: found by what a text says in so many words.
BY_SIGNALS: Final = ("child_safety", "terrorism")

OTHER_LANGUAGE: Final = "other_language"


class LabelConfig(Graded):
    """What a label leads to by severity, and the probability from which it counts as found."""

    threshold: float | None = Field(default=None, gt=0, lt=1)


class TextModelConfig(Config):
    """What a policy may say about the text model."""

    # label -> an action for each severity; without any, every label that the model knows, with the usual actions
    labels: dict[str, LabelConfig] = Field(default_factory=dict)
    # False: the encoder looks at every text, not only at those that the cheap heads doubt
    gate: bool = True

    @field_validator("labels")
    @classmethod
    def _known(cls, labels: dict[str, LabelConfig]) -> dict[str, LabelConfig]:
        known = (*shipped().labels, *BY_SIGNALS)
        unknown = sorted(labels.keys() - set(known))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: the model does not know: one of {', '.join(known)}")
        return labels


class Seen(NamedTuple):
    """What the model makes of a text alone."""

    probabilities: Floats  # [L]
    foreign: bool  # the text is in another language than the heads
    shown: Signals
    prepared: str

    def __repr__(self) -> str:
        """Show the length only: content never reaches a log."""
        return f"Seen({len(self.prepared)} characters)"


class Worded(NamedTuple):
    """A text of the batch, and what is known of it."""

    subject: Text
    seen: Seen

    def context(self) -> tuple[Entry, ...]:
        """Return the messages before it, prepared like the text itself."""
        return tuple(msgspec.structs.replace(entry, text=prepared(entry.text)) for entry in self.subject.context)


Found = dict[str, Severity]


class TextModel:
    """Finds the labels that the shipped heads know."""

    name: ClassVar[str] = "text_model"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    slow: ClassVar[bool] = True
    calibrated: ClassVar[bool] = True
    Config: ClassVar[type[TextModelConfig]] = TextModelConfig

    def __init__(self, config: TextModelConfig) -> None:
        try:
            self._encoder = shared_encoder()
            self._glance = shared_glance()
        except Missing as error:  # the policy's errors are told together, with its file
            raise ValueError(str(error)) from None
        self._heads: Heads = shipped()
        known = (*self._heads.labels, *BY_SIGNALS)
        wanted: Mapping[str, LabelConfig] = config.labels or {label: LabelConfig() for label in known}
        self._thresholds = self._heads.found.copy()
        for place, label in enumerate(self._heads.labels):
            if label in wanted and (threshold := wanted[label].threshold) is not None:
                self._thresholds[place] = threshold
        least = dict(zip(self._heads.labels, self._thresholds.tolist(), strict=True))
        self.rules: tuple[Rule, ...] = tuple(
            rule
            for label, entry in wanted.items()
            for rule in rules(self.name, label, entry, percent(least[label]) if label in least else None)
        )
        self.labels = frozenset(wanted)
        self._wanted = [place for place, label in enumerate(self._heads.labels) if label in wanted]
        self._firm = np.maximum(self._heads.firm, self._thresholds)
        self._gate = config.gate
        self._recent: Recent[tuple[str, str | None], Seen] = Recent(REMEMBERED)
        self._lock = Lock()

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text a finding for each label it carries, and the probability of every label."""
        return self._answers(batch, self._seen(batch))

    def inspect_held_out(self, batch: Sequence[Text]) -> tuple[list[Answer], int]:
        """Answer as `inspect` does, but training texts by heads that have not seen their group; and count those."""
        known = held_out.shipped()
        seen, trained_on = [], 0
        for subject, each in zip(batch, self._seen(batch), strict=True):
            probabilities = known.get(held_out.fingerprint(subject.text))
            trained_on += probabilities is not None
            seen.append(each if probabilities is None else each._replace(probabilities=probabilities))
        return self._answers(batch, seen), trained_on

    def _answers(self, batch: Sequence[Text], seen: Sequence[Seen]) -> list[Answer]:
        return [self._answer(Worded(subject, each)) for subject, each in zip(batch, seen, strict=True)]

    def _seen(self, batch: Sequence[Text]) -> list[Seen]:
        """Return what each text is by itself; equal texts are looked at once."""
        keys = [(subject.text, subject.language) for subject in batch]
        with self._lock:
            known: dict[tuple[str, str | None], Seen | None] = {key: self._recent.get(key) for key in keys}
        new = [key for key, seen in known.items() if seen is None]
        looked = self._looked(new)
        with self._lock:
            for key, each in zip(new, looked, strict=True):
                known[key] = each if len(key[0]) > LONG else self._recent.put(key, each)
        return [seen for key in keys if (seen := known[key]) is not None]

    def _looked(self, texts: Sequence[tuple[str, str | None]]) -> list[Seen]:
        read = readings([text for text, _ in texts])
        shown = [signals(reading.prepared) for reading in read]
        asked = [place for place, reading in enumerate(read) if has_letter(reading.prepared)]
        rows = np.zeros((len(texts), len(self._heads.labels)))
        rows[asked] = self._probabilities([read[place] for place in asked], [shown[place] for place in asked])
        return [
            Seen(
                row.copy(),  # a row alone would keep its batch in memory
                is_foreign(reading.prepared, language),  # as prepared: letters in disguise look like another language
                shows,
                reading.prepared,
            )
            for reading, row, shows, (_, language) in zip(read, rows, shown, texts, strict=True)
        ]

    def _probabilities(self, read: Sequence[Reading], shown: Sequence[Signals]) -> Floats:
        """Return the probability of each label, [texts, L]."""
        if not read:
            return np.zeros((0, len(self._heads.labels)))
        probabilities = np.zeros((len(read), len(self._heads.labels)))
        added = outright(shown, self._heads.labels)
        short = [place for place, one in enumerate(read) if self._gate and one.short]
        asked = np.ones(len(read), bool)
        if short:
            cheap = self._glance([read[place] for place in short]).cheap + added[short]
            probabilities[short] = self._heads.unasked(cheap)
            asked[short] = self._heads.doubtful(cheap)
        doubted = np.flatnonzero(asked).tolist()
        if doubted:
            wanted = [read[place] for place in doubted]
            grams = self._heads.grams([spaced(one.prepared) for one in wanted])
            logits = self._heads.logits(wide(vectors(wanted, self._encoder)), grams) + added[doubted]
            probabilities[doubted] = self._heads.probabilities(logits)
        return probabilities

    def _answer(self, worded: Worded) -> Answer:
        probabilities, foreign, shown, _ = worded.seen
        told = probabilities.tolist()
        scores = {self._heads.labels[place]: told[place] for place in self._wanted if told[place] >= TOLD}
        # Of another language the heads know some words: what they are sure of is told, and nothing is cleared.
        found = self._alone(probabilities, self._firm if foreign else self._thresholds, shown)
        self._in_context(worded, found)
        if not found and not scores and not foreign:
            return NOTHING_FOUND
        findings = tuple(
            self._finding(label, severity, scores.get(label))
            for label, severity in found.items()
            if label in self.labels
        )
        if foreign:
            return Answer("not_evaluated", OTHER_LANGUAGE, findings, scores or None)
        return Answer(findings=findings, scores=scores or None)

    def _alone(self, probabilities: Floats, least: Floats, shown: Signals) -> Found:
        """Return what a text carries without its context; `least` is the probability from which a label counts, [L]."""
        found: Found = {}
        for place in np.flatnonzero(probabilities >= least):
            label, probability = self._heads.labels[place], float(probabilities[place])
            severity = graded(label, probability, float(self._thresholds[place]), shown)
            if probability < self._firm[place] and severity == graded(label, 0.0, 1.0, NONE):
                severity = "low"  # a suspicion, which nothing in the text makes heavier
            found[label] = severity
        for label, severity in by_signals(shown):
            raise_to(found, label, severity)
        return found

    def _in_context(self, worded: Worded, found: Found) -> None:
        """Change what a text carries by the messages before it, which are read only where they can matter."""
        shown, text, author = worded.seen.shown, worded.seen.prepared, worded.subject.user_id
        if not worded.subject.before.ids:
            return
        violent = [label for label in found if played(label, shown)]
        remark = weight(shown) > 0
        answers = assent(text)
        if not (violent or remark or answers):
            return
        context = worded.context()
        if violent and gaming([*(entry.text for entry in context), text]):
            for label in violent:
                del found[label]
        if remark and (severity := accumulated(context, author, text)) is not None:
            raise_to(found, "harassment", severity)
        if answers and (entry := answered(context, author)) is not None:
            for label, severity in affirmed(signals(entry.text)):
                raise_to(found, label, severity)

    def _finding(self, label: str, severity: Severity, probability: float | None) -> Finding:
        rule = self._rules[label, severity]
        sure = probability is not None and rule.threshold is not None and percent(probability) >= rule.threshold
        return Finding(
            label,
            rule.name,
            severity,
            percent(probability) if sure and probability is not None else None,
            rule.threshold if sure else None,
        )

    @cached_property
    def _rules(self) -> dict[tuple[str, Any], Rule]:
        return {(rule.label, rule.severity): rule for rule in self.rules}

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return texts with and without harm."""
        return (
            Example(
                {},
                Text("Congratulations! You have won a free prize. Call 09061701461 now to claim it"),
                frozenset({"scam", "spam"}),
            ),
            Example({}, Text("I'm going to punch you in the face"), frozenset({"violence"})),
            Example({}, Text("shall we have lunch together tomorrow?"), frozenset()),
        )


def raise_to(found: Found, label: str, severity: Severity) -> None:
    """Note a label with a severity, unless it has a higher one."""
    if label not in found or SEVERITY_RANK[severity] > SEVERITY_RANK[found[label]]:
        found[label] = severity


def percent(share: float) -> float:
    """Return a share of 0..1 as a confidence, 0..100."""
    return round(share * 100, 2)
