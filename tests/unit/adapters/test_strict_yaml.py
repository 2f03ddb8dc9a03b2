from typing import Any

import pytest

from streams.adapters.strict_yaml import NotStrict, parsed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", {"a": "no"}),
        ("a: [on, off, yes, y]", {"a": ["on", "off", "yes", "y"]}),
        ("a: [true, False]", {"a": [True, False]}),
        ("a: [null, ~, ]", {"a": [None, None]}),
        ("a:", {"a": None}),
        ("a: [1, -2, 0, 1.5, 1e3]", {"a": [1, -2, 0, 1.5, 1000.0]}),
        ("a: [007, 0x1f, 12:30:00, 2024-01-01, 1_000]", {"a": ["007", "0x1f", "12:30:00", "2024-01-01", "1_000"]}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("", None),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    assert parsed(text) == value


def test_every_repeated_key_is_named_with_its_line() -> None:
    with pytest.raises(NotStrict) as caught:
        parsed("a: 1\nb: {c: 1, c: 2}\na: 2\n")

    assert caught.value.errors == (
        "line 3: a: occurs twice: keep one of them",
        "line 2: c: occurs twice: keep one of them",
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x",
        "[" * 200,
        "{" * 5000,
        "a: [",
        "a: b: c",
        "- 1\n---\n- 2",
        "\x00",
        "!!python/name:os.system x",
        "? [1]\n: 2",
    ],
)
def test_everything_doubtful_is_refused(text: str) -> None:
    with pytest.raises(NotStrict):
        parsed(text)
