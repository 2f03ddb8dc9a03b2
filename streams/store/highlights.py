"""Ids of items in, what a list shows of each beside its row out: where in its text something was found, and by what."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from streams.core.finding import Evidence
from streams.core.span import Span
from streams.store.tables import item, media


class Highlight(msgspec.Struct, frozen=True):
    """Why an item is there. None of it is logged: it holds content."""

    text: str | None  # whole
    spans: tuple[Span, ...]  # [start, end) in its characters
    rule: str | None  # `engine.rule` of the strongest that triggered
    number: int | None  # of its first picture or video
    rules: int  # that triggered
    policy_id: str


class _Line(msgspec.Struct):
    rule: str
    engine: str
    evidence: tuple[Evidence, ...] = ()


class _Triggered(msgspec.Struct):
    """Of a stored decision, what triggered it."""

    triggered: tuple[_Line, ...] = ()


_triggered: Final = msgspec.json.Decoder(_Triggered).decode


def highlights(connection: Connection, ids: Sequence[int]) -> dict[int, Highlight]:
    """Return the highlights of items that exist. It asks for no scope: the ids must come from a reading that did."""
    if not ids:
        return {}
    first = select(media.c.item_id, func.min(media.c.number).label("number")).where(media.c.item_id.in_(ids))
    numbers = {each.item_id: each.number for each in connection.execute(first.group_by(media.c.item_id))}
    asked = select(item.c.id, item.c.text, item.c.decision, item.c.policy_id).where(item.c.id.in_(ids))
    return {
        each.id: _highlight(each.text, each.decision, numbers.get(each.id), each.policy_id)
        for each in connection.execute(asked)
    }


def text_spans(evidence: Sequence[Evidence]) -> tuple[Span, ...]:
    """Return the places in the text of a content itself, not in what was read from its pictures."""
    return tuple(each.span for each in evidence if each.span is not None and each.attachment is None)


def _highlight(text: str | None, decision: str, number: int | None, policy_id: str) -> Highlight:
    lines = _triggered(decision).triggered
    spans = tuple(span for line in lines for span in text_spans(line.evidence))
    rule = f"{lines[0].engine}.{lines[0].rule}" if lines else None
    return Highlight(text, spans, rule, number, len(lines), policy_id)
