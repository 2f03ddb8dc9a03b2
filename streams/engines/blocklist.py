"""Blocklists: texts in, the listed words and phrases in them out. No context, no judgement.

All texts of a batch are searched at once, joined by line breaks, which no normal form holds; one automaton for every
kind of normalisation. A text is looked at by itself only where something matched.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation
from pydantic import Field

from streams.core.confusable import alike_as_leet, in_leet
from streams.core.engine import Accepts, Config, Example, Refused, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.normal import normal, patterns, spans_of
from streams.core.policy import Rule, RuleConfig
from streams.core.script import bounds_word, is_word
from streams.core.span import Span, capped

MOST_SPANS: Final = 50  # in the evidence of one finding
# Up to here the automaton is a table of all transitions: three times as fast, and tens of megabytes at most.
LARGEST_TABLE: Final = 20_000

Normalization = Literal["leet", "confusables"]
Written = Annotated[str, Field(max_length=1000)]


class ListConfig(RuleConfig):
    """One list: terms as written here, and those of a file, one a line."""

    label: str = Field(default="profanity", pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    terms: list[Written] = Field(default=[])
    file: str | None = None  # relative to the policy file
    lines: list[Written] = Field(default=[])  # of the file; blank ones and those with `# ` are comments
    match: Literal["word", "substring"] = "word"
    normalize: list[Normalization] = Field(default=["confusables"])


class BlocklistConfig(Config):
    """What a policy may say about blocklists."""

    lists: list[ListConfig] = Field(min_length=1)


class Term(NamedTuple):
    """A term of one list, as the automaton needs it."""

    owner: int  # index of the list
    form: str  # normal form, not in leet
    start: bool  # whether a word must start where the term does
    end: bool


def written(listed: ListConfig) -> Iterator[tuple[str, str]]:
    """Yield where each term of a list stands, and the term."""
    for number, term in enumerate(listed.terms):
        yield f"terms[{number}]", term
    for number, line in enumerate(listed.lines, 1):
        term = line.strip()
        if term and term != "#" and not term.startswith("# "):
            yield f"{listed.file or 'lines'} line {number}", term


class Terms:
    """Terms of all lists that normalise in the same way, before the search is built."""

    def __init__(self, *, alike: bool, leet: bool) -> None:
        self.alike = alike
        self.leet = leet
        self.by_key: dict[str, list[Term]] = {}

    def add(self, owner: int, term: str, *, words: bool) -> bool:
        """Add a term of a list; say whether anything of it was left after normalisation."""
        form = normal(term, alike=self.alike).strip()
        key = in_leet(form) if self.leet else form
        if form:
            start, end = words and bounds_word(key[0]), words and bounds_word(key[-1])
            self.by_key.setdefault(key, []).append(Term(owner, form, start, end))
        return bool(form)


class Search:
    """One automaton over all terms that normalise in the same way."""

    def __init__(self, terms: Terms) -> None:
        self.alike = terms.alike
        self.leet = terms.leet
        table = Implementation.DFA if len(terms.by_key) <= LARGEST_TABLE else None
        self._automaton = AhoCorasick(list(terms.by_key), implementation=table, store_patterns=False)
        self._terms = list(terms.by_key.values())

    def hits(self, forms: Sequence[str]) -> Iterator[tuple[int, int, Span]]:
        """Yield text index, list index and span in the normal form of every term that stands in the texts."""
        joined = "\n".join(forms)
        found = self._automaton.find_matches_as_indexes(in_leet(joined) if self.leet else joined, overlapping=True)
        if not found:
            return
        starts = list(accumulate((len(form) + 1 for form in forms), initial=0))
        for key, start, end in found:
            text = bisect_right(starts, start) - 1
            for term in self._terms[key]:
                if self._stands(term, joined, start, end):
                    yield text, term.owner, (start - starts[text], end - starts[text])

    def _stands(self, term: Term, joined: str, start: int, end: int) -> bool:
        """Say whether a term stands where the automaton found its letters."""
        return (
            not (term.start and start and is_word(joined[start - 1]))
            and not (term.end and end < len(joined) and is_word(joined[end]))
            and (not self.leet or alike_as_leet(term.form, joined[start:end]))
        )


class Blocklist:
    """Finds the terms of named lists: whole words or anywhere, folded case, phrases over any white space."""

    name: ClassVar[str] = "blocklist"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[BlocklistConfig]] = BlocklistConfig

    def __init__(self, config: BlocklistConfig) -> None:
        self.rules: tuple[Rule, ...] = tuple(listed.rule(self.name) for listed in config.lists)
        self.labels = frozenset(rule.label for rule in self.rules)
        kinds: dict[tuple[bool, bool], Terms] = {}
        errors = []
        for owner, listed in enumerate(config.lists):
            kind = ("confusables" in listed.normalize, "leet" in listed.normalize)
            terms = kinds.setdefault(kind, Terms(alike=kind[0], leet=kind[1]))
            count = 0
            for count, (where, term) in enumerate(written(listed), 1):  # noqa: B007 (counted for the line below)
                if not terms.add(owner, term, words=listed.match == "word"):
                    errors.append((f"lists[{owner}] {listed.name}", f"{where}: nothing is left of it to search for"))
            if not count:
                errors.append((f"lists[{owner}] {listed.name}", "has no terms: give `terms`, or a `file` with some"))
        if errors:
            raise Refused(errors)
        self._searches = tuple(map(Search, kinds.values()))
        patterns()  # compiled now, not while the first message with an accent waits

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per list of which it holds a term, with the spans."""
        answers = [NOTHING_FOUND] * len(batch)
        spans: dict[int, dict[int, list[Span]]] = {}  # text -> list -> spans in the text
        forms: dict[bool, list[str]] = {}
        for search in self._searches:
            alike = search.alike
            if alike not in forms:
                forms[alike] = [normal(subject.text, alike=alike) for subject in batch]
            found: dict[int, list[tuple[int, Span]]] = {}
            for text, owner, span in search.hits(forms[alike]):
                found.setdefault(text, []).append((owner, span))
            for text, hits in found.items():
                originals = spans_of(batch[text].text, (span for _, span in hits), alike=alike)
                for (owner, _), span in zip(hits, originals, strict=True):
                    spans.setdefault(text, {}).setdefault(owner, []).append(span)
        for text, lists in spans.items():
            answers[text] = self._answer(lists)
        return answers

    def _answer(self, lists: dict[int, list[Span]]) -> Answer:
        findings = tuple(
            Finding(
                label=rule.label,
                rule=rule.name,
                severity=rule.severity,
                evidence=tuple(Evidence(span=span) for span in capped(lists[owner], MOST_SPANS)),
            )
            for owner, rule in enumerate(self.rules)
            if owner in lists
        )
        return Answer(findings=findings, scores={finding.label: 1.0 for finding in findings})

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return texts with and without a listed word."""
        config = {"lists": [{"name": "insults", "terms": ["idiot", "piece of trash"], "label": "harassment"}]}
        leet = {"lists": [{"name": "insults", "terms": ["idiot"], "normalize": ["leet"], "label": "harassment"}]}
        harassment = frozenset({"harassment"})
        return (
            Example(config, Text("What an IDIOT"), harassment),
            Example(config, Text("you piece\n of  trash"), harassment),
            Example(config, Text("idiotic, but no single word of the list"), frozenset()),
            Example(config, Text("1d!ot"), frozenset()),
            Example(leet, Text("1d!ot"), harassment),
        )
