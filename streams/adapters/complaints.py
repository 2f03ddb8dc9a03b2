"""Complaints: what pydantic says of a configuration in, lines that tell an author what would be right out."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

Location = tuple[int | str, ...]

QUOTE: Final = "'"


def complaints(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Location, str]]:
    """Yield where each error of a model stands, and what is wrong and what would be right."""
    for row in error.errors(include_url=False):
        yield row["loc"], _meaning(row, model)


def path(location: Location, raw: Any) -> str:
    """Return a location as an author reads it: `lists[0] profanity: match`; the name is taken from the raw value."""
    text, value = "", raw
    for part in location:
        value = _at(value, part)
        if isinstance(part, int):
            text += f"[{part}]"
            name = value.get("name") if isinstance(value, Mapping) else None
            text += f" {name}" if isinstance(name, str) else ""
        else:
            text += f"{': ' if text.endswith(']') or ' ' in text else '.' if text else ''}{part}"
    return text


def _at(value: Any, part: int | str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, Sequence) and not isinstance(value, str) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _meaning(row: Any, model: type[BaseModel]) -> str:  # noqa: PLR0911 - one line for each kind of error
    kind, context = row["type"], row.get("ctx", {})
    value = row.get("input")
    if kind == "extra_forbidden":
        known = _keys(model, row["loc"][:-1])
        near = get_close_matches(str(row["loc"][-1]), known, 1)
        return f"unknown key: did you mean {near[0]}?" if near else f"unknown key: one of {', '.join(known)}"
    if kind == "missing":
        return "is missing"
    if kind == "union_tag_not_found":
        return f"{context['discriminator'].strip(QUOTE)}: is missing"
    if kind == "union_tag_invalid":
        return f"{context['discriminator'].strip(QUOTE)}: {context['tag']!r} is none of {context['expected_tags']}"
    if kind == "literal_error":
        return f"{_shown(value)} is none of {context['expected']}"
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f"{_shown(value)} is no text: put it in quotes"
    if kind == "string_pattern_mismatch":
        return f"{_shown(value)} does not have the form {context['pattern']}"
    if kind == "value_error":
        return str(context["error"])
    return f"{row['msg'].removeprefix('Input ').lower()}, and is {_shown(value)}"


def _shown(value: Any) -> str:
    """Return a value of a policy as an error shows it."""
    text = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line stays a line


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that a model, or what stands in it at a location, knows."""
    models = [model]
    for part in location:
        if not isinstance(part, str):
            continue
        inner = [_models(each.model_fields[part].annotation) for each in models if part in each.model_fields]
        if inner:
            models = [found for several in inner for found in several]
        else:  # which one of a union it is, or a key of a mapping
            models = [each for each in models if _is_tagged(each, part)] or models
    return [field.alias or name for name, field in models[0].model_fields.items()] if models else []


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models in an annotation such as `list[ListConfig] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models(inner)]


def _is_tagged(model: type[BaseModel], tag: str) -> bool:
    """Say whether a model of a union is the one with a tag."""
    return any(get_args(field.annotation) == (tag,) for field in model.model_fields.values())
