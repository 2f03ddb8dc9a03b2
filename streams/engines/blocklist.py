"""Blocklists: texts in, the listed words and phrases in them out. No context, no judgement.

All texts of a batch are searched at once, joined by line breaks, which no normal form holds; one automaton for every
kind of normalisation. A text is looked at by itself only where something matched.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from streams.core.engine import Accepts, Config, Example, Refused, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.normal import normal, patterns, spans_of
from streams.core.rule import Rule, RuleConfig
from streams.core.span import Span, capped
from streams.obfuscation.disguise import Stem, Ways, stem
from streams.obfuscation.exceptions import Exceptions
from streams.obfuscation.search import Disguises, disguises
from streams.obfuscation.terms import Search, Terms

CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
MOST_SPANS: Final = 50  # in the evidence of one finding
MOST_BYTES: Final = 16_000_000  # of the terms of all lists; their automata take some 50 bytes for each
SMALLER: Final = "leave some out; with `match: substring` a stem stands for all its words"
MOST_PLACES: Final = 20  # of terms of one list that are named in errors

Normalization = Literal["leet", "confusables", "spaced", "repeated", "masked", "inflected"]
Written = Annotated[str, Field(max_length=1000)]


class ListConfig(RuleConfig):
    """One list: terms as written here, and those of a file, one a line."""

    label: str = Field(default="profanity", pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    terms: list[Written] = Field(default=[])
    file: str | None = None  # relative to the policy file
    lines: list[Written] = Field(default=[])  # of the file; blank ones and those with `# ` are comments
    match: Literal["word", "substring"] = "word"
    normalize: list[Normalization] = Field(default=["confusables"])
    exceptions: list[Written] = Field(default=[])  # words that are never found; a star at the end: and all that go on

    @property
    def ways(self) -> Ways:
        """Return how the terms are written in texts."""
        return Ways(**dict.fromkeys(self.normalize, True))


class BlocklistConfig(Config):
    """What a policy may say about blocklists."""

    lists: list[ListConfig] = Field(min_length=1)


def written(listed: ListConfig) -> Iterator[tuple[str, str]]:
    """Yield where each term of a list stands, and the term."""
    for number, term in enumerate(listed.terms):
        yield f"terms[{number}]", term
    for number, line in enumerate(listed.lines, 1):
        term = line.strip()
        if term and term != "#" and not term.startswith("# "):
            yield f"{listed.file or 'lines'} line {number}", term


def added(terms: Terms, owner: int, listed: ListConfig) -> tuple[list[Stem], list[str]]:
    """Add the terms of a list to those that normalise alike; return what may be disguised, and what is wrong."""
    ways = listed.ways
    count, empty = 0, 0
    stems: list[Stem] = []
    complaints: list[str] = []
    for count, (place, term) in enumerate(written(listed), 1):  # noqa: B007 (counted for the line below)
        each = stem(normal(term, alike=False).strip(), ways) if ways.any else None
        if each:
            stems.append(each)
        if not (each and each.only_disguised) and not terms.add(owner, term, words=listed.match == "word"):
            empty += 1
            if empty <= MOST_PLACES:
                complaints.append(f"{place}: nothing is left of it to search for")
    if empty > MOST_PLACES:
        complaints.append(f"{empty - MOST_PLACES:,} more terms of which nothing is left")
    if not count:
        complaints.append("has no terms: give `terms`, or a `file` with some")
    return stems, complaints


class Forms:
    """The normal forms of texts, joined by line breaks, which none of them holds, and what is found in them."""

    def __init__(self, texts: Sequence[str], *, alike: bool) -> None:
        self.alike = alike
        self._texts = texts
        self._forms = [normal(text, alike=alike) for text in texts]
        self.joined = "\n".join(self._forms)
        self.found: list[tuple[int, Span]] = []  # list index, span

    def known(self, owner: int) -> list[Span]:
        """Return what is found of one list."""
        return [span for whose, span in self.found if whose == owner]

    def in_texts(self) -> Iterator[tuple[int, int, Span]]:
        """Yield text index, list index and span of the text as written for all that is found."""
        starts = list(accumulate((len(form) + 1 for form in self._forms), initial=0))
        by_text: dict[int, list[tuple[int, Span]]] = {}
        for owner, (start, end) in self.found:
            number = bisect_right(starts, start) - 1
            by_text.setdefault(number, []).append((owner, (start - starts[number], end - starts[number])))
        for number, hits in by_text.items():
            originals = spans_of(self._texts[number], (span for _, span in hits), alike=self.alike)
            yield from ((number, owner, span) for (owner, _), span in zip(hits, originals, strict=True))


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
        errors: list[tuple[str, str]] = []
        self._disguises: list[tuple[int, bool, Disguises]] = []  # list, whether look-alikes are Latin, search
        self._cyrillic: list[tuple[int, Disguises]] = []
        for owner, listed in enumerate(config.lists):
            ways = listed.ways
            where = f"lists[{owner}] {listed.name}"
            terms = kinds.setdefault((ways.confusables, ways.leet), Terms(alike=ways.confusables, leet=ways.leet))
            stems, complaints = added(terms, owner, listed)
            errors += ((where, complaint) for complaint in complaints)
            if sum(each.size for each in kinds.values()) > MOST_BYTES:
                errors.append((where, f"more than {MOST_BYTES:,} bytes of terms, with the lists before: {SMALLER}"))
                break
            try:
                searches = disguises(stems, ways)
            except ValueError as error:
                errors.append((where, str(error)))
            else:
                self._cyrillic += ((owner, search) for search in searches if search.cyrillic)
                self._disguises += ((owner, ways.confusables, search) for search in searches if not search.cyrillic)
        if errors:
            raise Refused(errors)
        self._exceptions = {
            owner: Exceptions(listed.exceptions) for owner, listed in enumerate(config.lists) if listed.exceptions
        }
        self._searches = tuple(Search(terms) for terms in kinds.values() if terms.forms)
        self._alike = {search.alike for search in self._searches} | {alike for _, alike, _ in self._disguises}
        patterns()  # compiled now, not while the first message with an accent waits

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per list of which it holds a term, with the spans."""
        answers = [NOTHING_FOUND] * len(batch)
        texts = [subject.text for subject in batch]
        spans: dict[int, dict[int, list[Span]]] = {}  # text -> list -> spans in the text
        for forms in self._searched(texts):
            if not forms.found:
                continue
            for text, owner, span in forms.in_texts():
                spans.setdefault(text, {}).setdefault(owner, []).append(span)
        if self._cyrillic:
            self._add_cyrillic(spans, texts)
        for text, lists in spans.items():
            answers[text] = self._answer(lists)
        return answers

    def _searched(self, texts: Sequence[str]) -> Iterable[Forms]:
        """Return the normal forms of the texts, with what is found in each."""
        every = {alike: Forms(texts, alike=alike) for alike in self._alike}
        for search in self._searches:
            forms = every[search.alike]
            if hits := search.hits(forms.joined):
                forms.found += self._allowed(forms.joined, hits)
        for owner, alike, disguised in self._disguises:
            forms = every[alike]
            if spans := disguised.hits(forms.joined, forms.known(owner) if forms.found else ()):
                forms.found += self._allowed(forms.joined, [(owner, span) for span in spans])
        return every.values()

    def _add_cyrillic(self, spans: dict[int, dict[int, list[Span]]], texts: Sequence[str]) -> None:
        """Add what is disguised in texts with Cyrillic letters; these stay what they are in the forms."""
        numbers = [number for number, text in enumerate(texts) if not text.isascii() and CYRILLIC.search(text)]
        if not numbers:
            return
        forms = Forms([texts[number] for number in numbers], alike=False)
        for owner, disguised in self._cyrillic:
            hits = [(owner, span) for span in disguised.hits(forms.joined, ())]
            forms.found += self._allowed(forms.joined, hits)
        for number, owner, span in forms.in_texts():
            spans.setdefault(numbers[number], {}).setdefault(owner, []).append(span)

    def _allowed(self, joined: str, hits: Iterable[tuple[int, Span]]) -> Iterable[tuple[int, Span]]:
        """Return hits of lists, but for those within an exception of their list."""
        excepted = self._exceptions
        return (
            (owner, span) for owner, span in hits if owner not in excepted or not excepted[owner].cover(joined, span)
        )

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
