"""A chain of the audit log checked: its records, its end and its checkpoints in, where it is broken out.

What is edited, taken out, moved, cut off at the end, or told anew from some record on, is found and located. A chain
that was cut and whose end was set back is found by a checkpoint only; so is one that was told anew as a whole.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from streams.core.audit import GENESIS, Body, Head, Record, body_read, chained, digest

# edited: a record is not what it was. missing: records are not there. moved: a record stands in another's place.
# cut: the end is not there. added: there is more than the chain's end knows. forked: the records hold, and are others
# than those that were signed. text: a text is not what was written, or is gone and nobody erased it.
Kind = Literal["edited", "missing", "moved", "cut", "added", "forked", "text"]


class Break(msgspec.Struct, frozen=True):
    """Where a chain is broken first. What was changed lies within `first` and `last`, numbers of records."""

    chain: str
    kind: Kind
    first: int
    last: int
    what: str  # in words, without content

    def __str__(self) -> str:
        """Return one line that locates it."""
        where = f"record {self.first}" if self.first == self.last else f"records {self.first} to {self.last}"
        return f"{self.chain}: {where}: {self.what}"


class Mark(msgspec.Struct, frozen=True, order=True):
    """What a checkpoint says of a chain."""

    seq: int
    hash: str


Texts = Mapping[str, tuple[str, str]]  # digest -> salt and text of those that are there


class Check:
    """Takes the records of a chain in the order of their numbers, and its end after them."""

    def __init__(self, chain: str, marks: Iterable[Mark] = ()) -> None:
        self.chain = chain
        self.seq = 0  # records that hold
        self.texts = 0  # that are there, and as they were written
        self.erased = 0  # texts that are gone
        self.marks = 0  # checkpoints that hold
        self._hash = GENESIS
        self._ahead = sorted(marks, reverse=True)  # checkpoints of records that are yet to come
        self._marked = 0  # the last record that a checkpoint vouches for
        self._gone: dict[str | None, int] = {}  # whose content texts were about -> the last record that names such one
        self._erasures: dict[str | None, int] = {}  # user -> the last record that erases him

    def see(self, record: Record, texts: Texts) -> Break | None:
        """Check the next record; `texts` are those of its digests, and may be more."""
        number = self.seq + 1
        if record.seq != number:
            return self._elsewhere(record, number)
        try:
            body = body_read(record.body)
        except (msgspec.MsgspecError, UnicodeError):
            return self._broken("edited", number, number, "its body cannot be read")
        if (body.chain, body.seq) != (self.chain, number):
            return self._broken("moved", number, number, f"holds what was record {body.seq} of {body.chain}")
        if chained(self._hash, record.body) != record.hash:
            what = f"record {number} does not follow from the one before it: it was changed, or what stands before it"
            return self._broken("edited", self._marked + 1, number, what)
        if (body.at, body.content_id) != (record.at, record.content_id):
            return self._broken("edited", number, number, "its time or content id is not that of its body")
        self.seq, self._hash = number, record.hash
        return self._marks() or self._texts(body, texts)

    def _elsewhere(self, record: Record, number: int) -> Break:
        if record.seq > number:
            return self._broken("missing", number, record.seq - 1, "taken out")
        return self._broken("added", record.seq, record.seq, "comes before the first record")

    def end(self, head: Head) -> Break | None:
        """Check the end of the chain, after its last record."""
        last = max(head.seq, self._ahead[0].seq if self._ahead else 0)
        if last > self.seq:
            return self._broken("cut", self.seq + 1, last, "cut off")
        if head.seq < self.seq:
            return self._broken("added", head.seq + 1, self.seq, "not known to the end of the chain")
        if head.hash != self._hash:
            return self._broken("forked", self._marked + 1, self.seq, "not those that the end of the chain knows")
        for user, number in self._gone.items():
            if number > self._erasures.get(user, 0):
                return self._broken("text", number, number, "its text is gone, and nobody erased it")
        return None

    def _marks(self) -> Break | None:
        while self._ahead and self._ahead[-1].seq <= self.seq:
            mark = self._ahead.pop()
            if mark != Mark(self.seq, self._hash):
                return self._broken("forked", self._marked + 1, self.seq, "not those that were signed")
            self.marks += 1
            self._marked = self.seq
        return None

    def _texts(self, body: Body, texts: Texts) -> Break | None:
        if body.act == "erase":
            self._erasures[body.user_id] = body.seq
        for name in (body.reason, body.note):
            if name is None:
                continue
            if name not in texts:
                self.erased += 1
                self._gone[body.user_id] = body.seq
            elif digest(*texts[name]) != name:
                return self._broken("text", body.seq, body.seq, "its text was changed")
            else:
                self.texts += 1
        return None

    def _broken(self, kind: Kind, first: int, last: int, what: str) -> Break:
        return Break(self.chain, kind, first, last, what)
