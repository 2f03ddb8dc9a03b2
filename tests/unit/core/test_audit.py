import json
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.audit import GENESIS, Body, Event, Head, appended, body_read, canonical, chained, digest


def test_a_record_holds_the_hash_of_what_was_before_it_and_its_own_body() -> None:
    first = appended("acts", Head(), Event(act="approve", by="mona", content_id="m1"), 5)
    second = appended("acts", Head(first.seq, first.hash), Event(act="note", by="mona"), 6)

    assert first.body == '{"act":"approve","at":5,"by":"mona","chain":"acts","content_id":"m1","seq":1}'
    assert first.hash == sha256(bytes(32) + first.body.encode()).hexdigest()
    assert (second.seq, second.hash) == (2, sha256(bytes.fromhex(first.hash) + second.body.encode()).hexdigest())
    assert (first.at, first.content_id, second.content_id) == (5, "m1", "")


@given(
    st.builds(
        Event,
        act=st.text(max_size=8),
        by=st.text(st.characters(codec="utf-8"), max_size=8),
        content_id=st.text(st.characters(codec="utf-8"), max_size=8),
        until=st.none() | st.integers(0, 2**40),
        more=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), st.integers(0, 2**53), max_size=4),
    )
)
def test_a_body_is_canonical_json_that_says_what_the_event_did(event: Event) -> None:
    record = appended("accounts", Head(7, GENESIS), event, 9)

    body = body_read(record.body)
    assert all(getattr(body, name) == getattr(event, name) for name in Event.__struct_fields__)
    assert (body.chain, body.seq, body.at) == ("accounts", 8, 9)
    plain = json.loads(record.body)
    assert record.body == canonical(msgspec.convert(plain, Body))
    assert list(plain) == sorted(plain)


def test_what_is_no_body_is_refused() -> None:
    for text in ("", "{}", "[1]", '{"act":"a"', '{"act":1,"by":"b","chain":"acts","seq":1,"at":1}'):
        with pytest.raises(msgspec.MsgspecError):
            body_read(text)


def test_a_digest_is_of_salt_and_text() -> None:
    assert digest("00ff", "ä") == sha256(b"\x00\xff\xc3\xa4").hexdigest()
    assert digest("00ff", "a") != digest("00fe", "a")
    assert chained(GENESIS, "") == sha256(bytes(32)).hexdigest()
