"""What the tests of the core are given: policies, messages, and small engines that follow the protocol."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from streams.core.action import Action
from streams.core.asking import Asking
from streams.core.content import Message, User
from streams.core.engine import Accepts, Config, Engine, Example, Text
from streams.core.exemption import Exempt
from streams.core.facts import Facts
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.label import KINDS
from streams.core.panel import Panel, Panels
from streams.core.policy import NO_MARKS, Marks, Policy, PolicyRef
from streams.core.rule import FailureMode, Rule

REF = PolicyRef("test", "0123456789ab")
NOON = 1_767_268_800_000  # 2026-01-01T12:00:00.000Z


class WordsConfig(Config):
    """Which words are looked for."""

    words: tuple[str, ...]
    action: Action = "flag"
    label: str = "abuse"


class Words:
    """Finds words by plain search; one rule per word, named for it."""

    name: ClassVar[str] = "words"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[WordsConfig]] = WordsConfig

    def __init__(self, config: WordsConfig) -> None:
        """Take the words as they are."""
        self.rules: tuple[Rule, ...] = tuple(
            Rule(self.name, word, config.label, config.action) for word in config.words
        )
        self.labels = frozenset({config.label})

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return the first place of each word."""
        return [self._answer(subject.text) for subject in batch]

    def _answer(self, text: str) -> Answer:
        found = tuple(
            Finding(rule.label, rule.name, evidence=(Evidence(span=(at, at + len(rule.name))),))
            for rule in self.rules
            if (at := text.find(rule.name)) >= 0
        )
        return Answer(findings=found) if found else NOTHING_FOUND

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return one text with a finding and one without."""
        config = {"words": ("bad",)}
        return (Example(config, Text("bad"), frozenset({"abuse"})), Example(config, Text("good"), frozenset()))


class PileOnConfig(Config):
    """How many of the last messages may say it."""

    word: str = "bad"
    most: int = 2


class PileOn:
    """Finds a conversation in which a word came up again and again: an engine that looks at the context."""

    name: ClassVar[str] = "pile_on"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[PileOnConfig]] = PileOnConfig

    def __init__(self, config: PileOnConfig) -> None:
        """Take the limit as it is."""
        self.rules: tuple[Rule, ...] = (Rule("pile_on", "again", "harassment", "block"),)
        self.labels = frozenset({"harassment"})
        self._config = config

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Count the word in the ten messages before."""
        return [self._answer(subject) for subject in batch]

    def _answer(self, subject: Text) -> Answer:
        times = sum(self._config.word in entry.text for entry in subject.context)
        return Answer(findings=(Finding("harassment", "again"),)) if times > self._config.most else NOTHING_FOUND

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return one text without a finding: a text alone has no context."""
        return (Example({}, Text("bad"), frozenset()),)


def policy(  # noqa: PLR0913  one line for each part of a policy
    rules: Iterable[Rule] = (),
    *,
    text: Sequence[str] = ("words",),
    media: Sequence[str] = (),
    kinds: Iterable[str] = KINDS,
    exempt: Iterable[str] = (),
    failure: Mapping[str, FailureMode] | None = None,
    failure_action: Action = "flag",
    deadline_ms: int = 30_000,
    apart: Sequence[str] = (),
    video: Sequence[str] = (),
    asking: Mapping[str, Asking] | None = None,
    marks: Marks = NO_MARKS,
) -> Policy:
    """Return a compiled policy."""
    return Policy(
        ref=REF,
        kinds=frozenset(kinds),
        rules={(rule.engine, rule.name): rule for rule in rules},
        text_engines=tuple(text),
        media_engines=tuple(media),
        exempt=tuple(Exempt(role=role) for role in exempt),
        failure=dict(failure or {}),
        failure_action=failure_action,
        deadline_ms=deadline_ms,
        apart_engines=tuple(apart),
        video_engines=tuple(video),
        asking=dict(asking or {}),
        marks=marks,
    )


def judging(judge_by: Policy, engines: Iterable[Engine] = ()) -> Panels:
    """Return a policy with its inline engines as the one that judges."""
    return Panels([Panel(judge_by, tuple(engines))])


def message(content_id: str, text: str = "", conversation_id: str | None = "c", **more: Any) -> Message:
    """Return a message of user `u`."""
    given: dict[str, Any] = {"kind": "message", "user": User("u"), "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC)}
    return Message(content_id=content_id, text=text, conversation_id=conversation_id, **{**given, **more})


def facts(**more: Any) -> Facts:
    """Return what is known of a message that came at noon."""
    given: dict[str, Any] = {"content_id": "m1", "kind": "message", "user_id": "u", "received_at": NOON}
    return Facts(**{**given, **more})


def directly(engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
    """Run an engine as it is; it takes no time."""
    return engine.inspect(texts), 0.0


def found(label: str, rule: str | None = None, *spans: tuple[int, int], **more: Any) -> Answer:
    """Return an answer with one finding."""
    return Answer(findings=(Finding(label, rule, evidence=tuple(Evidence(span=span) for span in spans), **more),))
