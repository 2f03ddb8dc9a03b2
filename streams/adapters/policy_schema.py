"""The JSON Schema of a whole policy document, so that editors complete and check the YAML while it is written.

It knows shapes and sets. What needs more than one place of a document, such as conditions, labels of one's own and list
files, only `moderation policy check` can tell.
"""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from streams.core.policy import Document
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

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ID: Final = "urn:moderation-streams:policy"


def policy_schema() -> dict[str, Any]:
    """Return the schema; an engine whose packages are missing here may have any configuration, and says which."""
    kinds, missing = _configs()
    every: list[type[BaseModel]] = [Document, *kinds.values()]
    models: list[tuple[type[BaseModel], Any]] = [(kind, "validation") for kind in every]
    refs, definitions = models_json_schema(models, ref_template="#/$defs/{model}")
    document = definitions["$defs"].pop(refs[Document, "validation"]["$ref"].rpartition("/")[2])
    engines = {name: _or_nothing(refs[kind, "validation"]) for name, kind in kinds.items()}
    document["properties"]["engines"] |= {
        "properties": {name: (engines | missing)[name] for name in (*BUILT_IN, *APART, *PICTURES, *JOBS)},
        "additionalProperties": False,
    }
    return {"$schema": DIALECT, "$id": ID, **document, "$defs": definitions["$defs"]}


def _configs() -> tuple[dict[str, type[BaseModel]], dict[str, dict[str, Any]]]:
    """Return the configurations of the engines by name, and for engines that cannot be imported what to install."""
    kinds: dict[str, type[BaseModel]] = {}
    missing: dict[str, dict[str, Any]] = {}
    for names, kind_named in (
        (BUILT_IN, engine_named),
        (APART, apart_named),
        (PICTURES, pictures_named),
        (JOBS, jobs_named),
    ):
        for name in names:
            try:
                kinds[name] = kind_named(name).Config
            except ValueError as error:
                missing[name] = {"description": f"Not checked: {error}."}
    return kinds, missing


def _or_nothing(ref: dict[str, Any]) -> dict[str, Any]:
    """Return what an engine's configuration is: a name with nothing behind it stands for the defaults."""
    return {"anyOf": [ref, {"type": "null"}]}
