"""YAML as policies are written in it: text in, plain values out, everything doubtful refused with its line.

Keys occur once, there are no aliases (a few lines of them unfold to gigabytes), and only `true` and `false` are
truth values: the word `no` in a list of terms stays a word.
"""

import re
from typing import Any, Final

import yaml

MOST_DEPTH: Final = 100


class NotStrict(ValueError):
    """All that is wrong with a document as YAML, one line each."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(errors))


class _Loader(yaml.CSafeLoader):
    """Builds plain values, and notes keys that occur twice. Reads with libyaml: a tenth of the time of PyYAML's own."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own name

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Build a mapping; note the keys that occur twice."""
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                self.repeated.append(f"line {key.start_mark.line + 1}: {key.value}: occurs twice: keep one of them")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


# The core schema of YAML 1.2.
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", "nN~"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), [*_first, ""])


def parsed(text: str) -> Any:
    """Return the value of a YAML document; raise NotStrict."""
    try:
        _plain(text)
        loader = _Loader(text)
        value = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise NotStrict([f"{line}{error.problem}"]) from None
    except yaml.reader.ReaderError as error:
        raise NotStrict([f"character {error.position + 1} is not allowed in YAML"]) from None
    if loader.repeated:
        raise NotStrict(loader.repeated)
    return value


def _plain(text: str) -> None:
    """Refuse aliases and deep nesting, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent):
            raise NotStrict([f"{_line(event)}: aliases are not read: write it out"])
        if depth > MOST_DEPTH:
            raise NotStrict([f"{_line(event)}: nested deeper than {MOST_DEPTH} levels"])


def _line(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "somewhere"
