import sys

import pytest

from streams.engines.catalog import BUILT_IN, engine_named


def test_the_engines_come_in_the_order_in_which_they_are_asked() -> None:
    assert list(BUILT_IN) == [
        "blocklist", "pattern", "solicitation", "text_model", "semantic", "pii", "velocity", "media_hash", "qr",
        "image_model", "ocr",
    ]  # fmt: skip


def test_an_unknown_name_is_no_engine() -> None:
    with pytest.raises(KeyError):
        engine_named("semantics")


@pytest.mark.parametrize(
    ("engine", "package", "extra"), [("qr", "zxingcpp", "media"), ("semantic", "onnxruntime", "models")]
)
def test_a_missing_package_is_named_with_what_brings_it(
    engine: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (f"streams.engines.{engine}", "streams.models.encoder", "streams.models.session"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(
        ValueError, match=rf"^package {package} is not installed: pip install 'moderation-streams\[{extra}\]'$"
    ):
        engine_named(engine)
