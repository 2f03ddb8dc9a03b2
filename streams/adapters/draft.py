"""A policy while it is read: its source in, document and engines out, every error noted on the way."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from streams.adapters.complaints import complaints, path
from streams.adapters.lists import Unreadable, decoded
from streams.adapters.shelf import Shelf, key_of
from streams.adapters.sources import Source
from streams.adapters.strict_yaml import NotStrict, parsed
from streams.core.asking import Asking, AskWhen
from streams.core.composite import ENGINE as COMPOSITE
from streams.core.engine import Apart, Engine, Refused
from streams.core.policy import Document
from streams.core.rule import RuleConfig
from streams.core.transcript import Reads
from streams.engines.catalog import (
    APART,
    BUILT_IN,
    JOBS,
    PICTURES,
    apart_named,
    engine_named,
    jobs_named,
    pictures_named,
)

T = TypeVar("T", Engine, Apart)


class Draft:
    """A policy while it is read; collects errors as `rule or path: key: what is wrong`."""

    def __init__(self, source: Source, shelf: Shelf) -> None:
        self._source = source
        self._shelf = shelf
        self._hashes: dict[str, dict[str, str]] = {}  # engine -> file as the document names it -> SHA-256
        self.errors: list[str] = []
        self._raw: Any = None
        self._configs: dict[str, BaseModel] = {}

    def document(self) -> Document | None:
        """Return the document, None when it does not hold by itself."""
        try:
            self._raw = parsed(self._source.text())
            return Document.model_validate(self._raw)
        except Unreadable as error:
            self.errors.append(str(error))
        except NotStrict as error:
            self.errors += error.errors
        except ValidationError as error:
            self._complain(error, Document, self._raw, "")
        return None

    def engines(self) -> list[Engine]:
        """Return the engines that hold, in the order of the catalog, also where the rest of the document does not."""
        named, failure = self._mapping("engines"), self._mapping("failure")
        known = (*BUILT_IN, *APART, *PICTURES, *JOBS)
        for name in sorted(named.keys() - set(known), key=str):
            self.errors.append(f"engines.{name}: unknown engine: one of {', '.join(known)}")
        others = {"default", COMPOSITE} if isinstance(self._raw, dict) and self._raw.get("rules") else {"default"}
        for name in sorted(failure.keys() - named.keys() - others, key=str):
            self.errors.append(f"failure.{name}: is no engine of this policy: name one of its engines, or `default`")
        built = (self._built(name, named[name], engine_named) for name in BUILT_IN if name in named)
        return [engine for engine in built if engine is not None]

    def apart(self) -> list[Apart]:
        """Return the engines with a role of their own that hold, in the order of the catalog."""
        named = self._mapping("engines")
        built = (self._built(name, named[name], apart_named) for name in APART if name in named)
        return [engine for engine in built if engine is not None]

    def pictures(self) -> list[Apart]:
        """Return the engines that hold and have a service judge pictures, in the order of the catalog."""
        named = self._mapping("engines")
        built = (self._built(name, named[name], pictures_named) for name in PICTURES if name in named)
        return [engine for engine in built if engine is not None]

    def jobs(self) -> list[Apart]:
        """Return the engines that hold and judge stored videos by jobs, in the order of the catalog."""
        named = self._mapping("engines")
        built = (self._built(name, named[name], jobs_named) for name in JOBS if name in named)
        return [engine for engine in built if engine is not None]

    def asking(self, inline: Iterable[Engine], apart: Iterable[Apart]) -> dict[str, Asking]:
        """Return when each engine apart is asked, where its configuration says so; notes engines it cannot wait for."""
        known = {engine.name for engine in inline if engine.accepts == "text"}
        asking = {}
        for engine in apart:
            condition = getattr(self._configs[engine.name], "ask_when", None)
            if not isinstance(condition, AskWhen):
                continue
            asking[engine.name] = condition.compiled()
            for name in sorted(set(condition.not_evaluated) - known):
                self.errors.append(
                    f"engines.{engine.name}.ask_when.not_evaluated: {name} is no inline text engine of this policy"
                )
        return asking

    def _mapping(self, key: str) -> dict[Any, Any]:
        value = self._raw.get(key) if isinstance(self._raw, dict) else None
        return value if isinstance(value, dict) else {}

    def version(self, document: Document, engines: Iterable[Engine | Apart]) -> str:
        """Return 12 hexadecimal digits that change with the policy, its lists and its engines."""
        whole: dict[str, Any] = document.model_dump(mode="json", exclude={"engines"})
        whole["engines"] = {name: config.model_dump(mode="json") for name, config in self._configs.items()}
        whole["versions"] = {engine.name: engine.version for engine in engines}
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:12]

    def _built(self, name: str, raw: Any, kind_named: Callable[[str], type[T]]) -> T | None:
        prefix = f"engines.{name}"
        try:
            kind = kind_named(name)
        except ValueError as error:
            self.errors.append(f"{prefix}: {error}")
            return None
        before = len(self.errors)
        key, raw = self._with_lines(kind, {} if raw is None else raw)
        unread = len(self.errors) > before
        kept = None if unread else self._shelf.get(key, kind)
        if kept is not None:
            self._configs[name] = kept[1]
            return kept[0]
        try:
            config = kind.Config.model_validate(raw)
        except ValidationError as error:
            self._complain(error, kind.Config, raw, prefix)
            return None
        self._configs[name] = config
        for rule, times in Counter(_names(config)).items():
            if times > 1:
                self.errors.append(f"{prefix}: {rule}: name: occurs {times} times: names are unique within an engine")
        if unread:  # a list without its lines would be called empty
            return None
        engine = self._made(kind, config)
        if engine is not None and len(self.errors) == before:
            self._shelf.put(key, engine, config)
        return engine

    def _made(self, kind: type[T], config: BaseModel) -> T | None:
        prefix = f"engines.{kind.name}"
        try:
            return kind(config)
        except Refused as error:
            self.errors += (f"{prefix}.{where}: {what}" for where, what in error.errors)
        except ValueError as error:
            self.errors.append(f"{prefix}: {error}")
        return None

    def _with_lines(self, kind: type[T], raw: Any) -> tuple[str, Any]:
        """Return what an engine is kept under, and its raw configuration with the lines of the files it names."""
        hashes = self._hashes[kind.name] = {}
        filled = raw
        if isinstance(raw, dict) and isinstance(raw.get("lists"), list):
            lists = [self._filled(raw, index, kind.name, hashes) for index in range(len(raw["lists"]))]
            filled = {**raw, "lists": lists}
        beside = None
        if issubclass(kind, Reads):  # it is tied to the engines that judge what it reads
            named = self._mapping("engines")
            beside = {name: (named[name], self._hashes.get(name)) for name in BUILT_IN if name in named}
        return key_of(kind.name, kind.version, (raw, hashes), beside), filled

    def _filled(self, raw: dict[str, Any], index: int, engine: str, hashes: dict[str, str]) -> Any:
        listed = raw["lists"][index]
        if not isinstance(listed, dict) or not isinstance(listed.get("file"), str):
            return listed
        name = listed["file"]
        try:
            data = self._source.listed(name)
            hashes[name] = hashlib.sha256(data).hexdigest()
            return {**listed, "lines": _lines(name, data)}
        except Unreadable as error:
            self.errors.append(f"engines.{engine}.{path(('lists', index, 'file'), raw)}: {error}")
            return listed

    def _complain(self, error: ValidationError, model: type[BaseModel], raw: Any, prefix: str) -> None:
        for location, meaning in complaints(error, model):
            where = ".".join(filter(None, (prefix, path(location, raw))))
            self.errors.append(f"{where}: {meaning}" if where else meaning)


def _lines(name: str, data: bytes) -> list[str]:
    try:
        return decoded(data).splitlines()
    except Unreadable as error:
        raise Unreadable(f"{name} {error}") from None


def _names(config: BaseModel) -> Iterator[str]:
    """Yield the rule names that a configuration gives."""
    for value in vars(config).values():
        if isinstance(value, list):
            yield from (entry.name for entry in value if isinstance(entry, RuleConfig))
