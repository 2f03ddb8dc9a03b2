"""Where a quarantined object lies, and what is written beside it: all of it follows from what was judged."""

import hashlib
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from streams.core.content import Location
from streams.core.effect import Effect
from streams.core.effects_config import COPIES
from streams.core.s3_effect import TAG_PREFIX

TAG: Final = "moderation"  # the tag that names the decision's action; further ones of ours are `moderation:NAME`
MOST_TAGS: Final = 10  # of one object, S3's limit
LONGEST: Final = 300  # characters of an id in a key; S3 allows 1,024 bytes for the whole


def key_of(prefix: str, content_id: str, number: int, location: Location) -> str:
    """Return the key of a copy: one for each object of a content and each version of it, the same after a crash."""
    name = quote(content_id, safe="")
    if len(name) > LONGEST:
        name = hashlib.sha256(content_id.encode()).hexdigest()
    origin = json.dumps([location.bucket, location.key, location.version_id, location.etag])
    return f"{prefix}{name}/{number}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}"


def places(effect: Effect, number: int, location: Location) -> list[tuple[str, str]]:
    """Return bucket and key of every place where the policy quarantines an object."""
    found = (place.partition("/") for place in effect.target.get(COPIES, "").splitlines())
    return [(bucket, key_of(prefix, effect.content_id, number, location)) for bucket, _, prefix in found]


def tags_of(effect: Effect) -> dict[str, str]:
    """Return the tags that an effect leaves on an object."""
    if effect.work not in {"tag", "quarantine"}:
        return {}
    named = ((name, value) for name, value in effect.target.items() if name.startswith(TAG_PREFIX))
    return {TAG: effect.decision.action} | {f"{TAG}:{name.removeprefix(TAG_PREFIX)}": value for name, value in named}


def foreign(tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the tags that are not ours."""
    return {name: value for name, value in tags if name != TAG and not name.startswith(f"{TAG}:")}
