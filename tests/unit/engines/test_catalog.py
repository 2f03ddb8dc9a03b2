import sys

import pytest

from streams.engines.catalog import BUILT_IN, engine_named


def test_the_engines_come_in_the_order_in_which_they_are_asked() -> None:
    assert list(BUILT_IN) == ["blocklist", "pattern", "solicitation", "pii", "velocity", "media_hash", "qr"]


def test_an_unknown_name_is_no_engine() -> None:
    with pytest.raises(KeyError):
        engine_named("semantics")


def test_a_missing_package_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "streams.engines.qr", raising=False)
    monkeypatch.setitem(sys.modules, "zxingcpp", None)

    with pytest.raises(
        ValueError, match=r"^package zxingcpp is not installed: pip install 'moderation-streams\[media\]'$"
    ):
        engine_named("qr")
