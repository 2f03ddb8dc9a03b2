"""What msgspec and Avro decoders say becomes a reason: this holds our list of beginnings to the library's own texts."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from streams.adapters.rejected import REASONS, Rejected, rejected


class Inner(msgspec.Struct):
    """Something inside."""

    id: Annotated[str, Meta(min_length=1, max_length=3)]


class Outer(msgspec.Struct, kw_only=True):
    """One field of each kind."""

    inner: Inner | None = None
    many: list[Inner] = []
    named: dict[str, Inner] = {}
    number: Annotated[int, Meta(ge=0, lt=10)] = 0
    share: Annotated[float, Meta(gt=0, le=1)] = 1.0
    word: Literal["a", "b"] = "a"
    pair: tuple[int, int] = (0, 0)
    few: Annotated[list[int], Meta(max_length=2)] = []
    name: Annotated[str, Meta(pattern="^[a-z]+$")] = "a"


def reason(value: Any) -> tuple[str, str | None]:
    with pytest.raises(msgspec.MsgspecError) as caught:
        msgspec.json.decode(value if isinstance(value, bytes) else msgspec.json.encode(value), type=Outer)
    found = rejected(caught.value)
    return found.error, found.field


@pytest.mark.parametrize(
    ("value", "error", "field"),
    [
        (b"{", "truncated", None),
        (b"{}{", "trailing_bytes", None),
        (b"{x}", "invalid_json", None),
        (b'{"name":"\\q"}', "invalid_json", None),
        ([], "wrong_type", None),
        ({"inner": {}}, "missing_field", "inner.id"),
        ({"many": [{"id": "a"}, {}]}, "missing_field", "many[1].id"),
        ({"named": {"swordfish": {}}}, "missing_field", "named[...].id"),
        ({"inner": {"id": 3}}, "wrong_type", "inner.id"),
        ({"inner": {"id": ""}}, "out_of_range", "inner.id"),
        ({"inner": {"id": "long"}}, "out_of_range", "inner.id"),
        ({"number": -1}, "out_of_range", "number"),
        ({"number": 10}, "out_of_range", "number"),
        (b'{"number":%s}' % (b"9" * 5000), "out_of_range", "number"),
        ({"share": 0}, "out_of_range", "share"),
        (b'{"share":1e999}', "out_of_range", "share"),
        ({"word": "swordfish"}, "unknown_value", "word"),
        ({"pair": [1]}, "out_of_range", "pair"),
        ({"few": [1, 2, 3]}, "out_of_range", "few"),
        ({"name": "SWORDFISH"}, "invalid_value", "name"),
    ],
)
def test_what_the_json_decoder_says_becomes_a_reason(value: Any, error: str, field: str | None) -> None:
    assert reason(value) == (error, field)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RecursionError("swordfish"), "too_deep"),
        (UnicodeDecodeError("utf-8", b"swordfish", 0, 1, "no"), "invalid_utf8"),
        (EOFError("swordfish"), "truncated"),
        (OverflowError("swordfish"), "out_of_range"),
        (MemoryError(), "too_large"),
        (ValueError("swordfish"), "invalid_avro"),
        (TypeError("swordfish"), "invalid_avro"),
        (Rejected("empty"), "empty"),
    ],
)
def test_any_other_error_becomes_a_reason_without_its_text(error: Exception, expected: str) -> None:
    found = rejected(error)
    assert found.error == expected
    assert found.field is None
    assert "swordfish" not in repr(found)


def test_reasons_are_words_for_metrics_and_headers() -> None:
    assert all(reason.isidentifier() and reason == reason.lower() for reason in REASONS)
