"""Text read in a medium, put to the text engines of the policy: a transcript in, findings with places out.

Engines do not know each other, so what one reads is handed to the others here. A finding then stands in the report of
the engine that read, under the name `ENGINE.RULE` of the rule that made it (core/transcript): the policy's own rule
triggers, with its action and severity, and a box in place of a span tells that it was read in a picture.
"""

import logging
from collections.abc import Sequence
from typing import Final

import msgspec

from streams.core.engine import Engine, Text
from streams.core.finding import FAILED, Answer, Evidence, Finding
from streams.core.rule import Rule
from streams.core.transcript import Page, Transcript, rule_read

MOST_CHARACTERS: Final = 20_000  # of one page: no longer text comes from messages either
MOST_PLACES: Final = 50  # of one finding

log = logging.getLogger(__name__)


class ReadText:
    """Puts transcripts to the text engines of a policy: those that look at a text as such, none that counts texts."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = [engine for engine in engines if engine.accepts == "text" and not getattr(engine, "marks", 0)]
        self.rules: dict[str, Rule] = {
            rule_read(engine.name, rule.name): rule for engine in self._engines for rule in engine.rules
        }

    def __call__(self, transcript: Transcript) -> Answer:
        """Return the answer of the engine that read, with what the text engines find in its pages.

        One finding for each rule and severity over all pages. A text engine that fails makes the status `error`; what
        the others found is kept.
        """
        answer = transcript.answer
        pages = [page for page in transcript.pages if page.lines]
        if answer.status != "ok" or not pages:
            return answer
        texts = [Text(page.text[:MOST_CHARACTERS]) for page in pages]
        findings: dict[tuple[str, str | None], Finding] = {}
        scores: dict[str, float] = dict(answer.scores or {})
        failed = False
        for engine in self._engines:
            # Those that take milliseconds judge how people talk: to them, a business card in a code sounds like fraud.
            if not transcript.prose and getattr(engine, "slow", False):
                continue
            for page, found in zip(pages, _answers(engine, texts), strict=True):
                failed = failed or found.status in FAILED
                for finding in found.findings:
                    placed = _placed(engine.name, finding, page)
                    key = (placed.rule or "", placed.severity)
                    findings[key] = _joined(findings[key], placed) if key in findings else placed
                for label, score in (found.scores or {}).items():
                    scores[label] = max(score, scores.get(label, 0.0))
        return Answer(
            status="error" if failed else "ok",
            reason="text_engine_failed" if failed else answer.reason,
            findings=(*answer.findings, *findings.values()),
            scores=scores or None,
        )


def _answers(engine: Engine, texts: Sequence[Text]) -> Sequence[Answer]:
    try:
        return engine.inspect(texts)
    except Exception as error:  # noqa: BLE001  a crash becomes an answer; its text may quote the content
        log.error("engine %s failed on text read in a medium: %s", engine.name, type(error).__name__)  # noqa: TRY400
        return [Answer(status="error", reason="engine_failed")] * len(texts)


def _placed(engine: str, finding: Finding, page: Page) -> Finding:
    """Return a finding with places in the medium in place of spans in the text."""
    evidence = [
        msgspec.structs.replace(one, span=None, box=place.box, frame=place.frame)
        for one in finding.evidence or (Evidence(),)
        for place in page.places(one.span)
    ]
    name = rule_read(engine, finding.rule or finding.label)
    return msgspec.structs.replace(finding, rule=name, evidence=tuple(dict.fromkeys(evidence))[:MOST_PLACES])


def _joined(first: Finding, second: Finding) -> Finding:
    """Return what one rule found on two pages as one finding: all places, the higher confidence."""
    sure = [each.confidence for each in (first, second) if each.confidence is not None]
    return msgspec.structs.replace(
        first,
        confidence=max(sure, default=None),
        evidence=tuple(dict.fromkeys((*first.evidence, *second.evidence)))[:MOST_PLACES],
    )
