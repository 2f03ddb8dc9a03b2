"""The executor of `s3`: keeps, tags, quarantines and deletes what was judged; a newer decision takes an older one back.

An object moves by copy, look, removal. Where a copy lies follows from what was judged, so that after a crash in the
middle the next try finds what the one before did. Buckets with and without versions.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from streams.adapters.executing import Done, Result
from streams.adapters.stored_object import Changed, Gone, Held, Refused, StoredObjects
from streams.core.content import Location
from streams.core.effect import Effect
from streams.core.judged_object import JudgedObject
from streams.core.quarantine import MOST_TAGS, foreign, key_of, places, tags_of

# Metadata of a copy in quarantine.
MODIFIED: Final = "moderation-modified"  # when the original was stored, ISO 8601
ETAG: Final = "moderation-etag"  # of the original
# Metadata of what went back: of what it is. Its version, and often its etag, are others than were judged.
RESTORED: Final = "moderation-restored"
OURS: Final = frozenset({MODIFIED, ETAG, RESTORED})

Status = Literal["done", "failed", "superseded"]
WORST: Final[tuple[Status, ...]] = ("failed", "superseded", "done")
Place = tuple[str, str]  # bucket and key


class Moved(NamedTuple):
    """What became of one object."""

    status: Status
    reason: str | None = None
    location: Location | None = None  # where it lies now; None where that is nowhere, or unknown


class Found(NamedTuple):
    """Where one object lies."""

    home: Held | None  # where it was judged, or was put back to
    changed: bool  # other bytes lie there
    copies: Mapping[Place, Held]  # in quarantine, whole
    strange: Mapping[Place, Held]  # what lies where a copy should, and is none

    @property
    def missing(self) -> Moved:
        """Return what to say where neither the object nor a copy was found."""
        return Moved("superseded", "changed") if self.changed else Moved("failed", "object_gone")


class Mover:
    """Moves objects of one region."""

    def __init__(self, objects: StoredObjects) -> None:
        self._objects = objects

    def endpoint(self, effect: Effect) -> str:
        """Return the bucket that matters: faults of one say nothing of others."""
        stored = (judged.location.bucket for judged in effect.decision.objects if judged.location.bucket is not None)
        return "s3://" + (effect.target.get("bucket") or next(stored, ""))

    def region(self, effect: Effect) -> str:  # noqa: ARG002  buckets are all of one
        """Return the region of the buckets."""
        return self._objects.region

    async def __call__(self, effect: Effect, last: Done | None, until: float) -> Result:
        """Do one effect on each object of its decision, side by side; raise Fault, or TimeoutError at `until`."""
        judged = effect.decision.objects
        if effect.work == "keep" and last is None and effect.decision.revision == 0:
            return Result("done", objects=judged)  # nothing was done that could be undone
        look = effect.work == "quarantine" or effect.decision.revision > 0 or last is not None
        before = last.objects if last is not None and len(last.objects) == len(judged) else judged
        async with asyncio.timeout_at(until):
            works = (self._one(effect, number, before[number].location, look=look) for number in range(len(judged)))
            moved = await asyncio.gather(*works, return_exceptions=True)
        for each in moved:
            if isinstance(each, BaseException):
                raise each
        return _together(judged, [each for each in moved if isinstance(each, Moved)])

    async def close(self) -> None:
        """Close the connections."""
        await self._objects.close()

    async def _one(self, effect: Effect, number: int, before: Location, *, look: bool) -> Moved:
        """Do the work on one object; `look` says whether a copy may lie in quarantine."""
        location = effect.decision.objects[number].location
        if location.bucket is None:
            return Moved("done", location=location)  # not in S3
        if location.version_id is None and location.etag is None:
            return Moved("failed", "not_pinned", location)  # nobody can tell what lies there
        try:
            return await self._worked(effect, number, await self._found(effect, number, before, look=look))
        except Refused as refused:
            return Moved("failed", refused.reason, before)
        except Changed:
            return Moved("superseded", "changed", before)
        except Gone:  # between two calls
            return Moved("failed", "object_gone")

    async def _worked(self, effect: Effect, number: int, found: Found) -> Moved:
        if effect.work == "quarantine":
            return await self._quarantined(effect, number, found)
        if effect.work == "delete":
            return await self._deleted(found)
        return await self._at_home(effect, number, found)

    async def _found(self, effect: Effect, number: int, before: Location, *, look: bool) -> Found:
        judged = effect.decision.objects[number]
        location = judged.location
        home, changed = None, False
        elsewhere = _place(before) != _place(location)
        for place in [location] if elsewhere or before == location else [location, before]:
            try:
                home = home or await self._objects.seen(place)
            except Changed:
                changed = True
        copies: dict[Place, Held] = {}
        strange: dict[Place, Held] = {}
        if look or home is None:
            spots = [*([_place(before)] if elsewhere else []), *places(effect, number, location)]
            for bucket, key in dict.fromkeys(spots):
                held = await self._objects.seen(Location(bucket=bucket, key=key))
                if held is not None:
                    (copies if _is_copy(held, judged) else strange)[bucket, key] = held
        home = home or await self._restored(effect, number)
        return Found(home, changed, copies, strange)

    async def _restored(self, effect: Effect, number: int) -> Held | None:
        """Return what was put back by a try that died before it could tell, or had no more time."""
        location = effect.decision.objects[number].location
        held = await self._objects.seen(Location(bucket=location.bucket, key=location.key))
        mark = key_of("", effect.content_id, number, location)
        return held if held is not None and held.metadata.get(RESTORED) == mark else None

    async def _quarantined(self, effect: Effect, number: int, found: Found) -> Moved:
        location = effect.decision.objects[number].location
        place = effect.target["bucket"], key_of(effect.target.get("prefix", ""), effect.content_id, number, location)
        there = found.copies.get(place)
        others = [copy for where, copy in found.copies.items() if where != place]
        source = found.home or next(iter(others), None)
        if there is None:
            if source is None:
                return found.missing
            metadata = _marked(source, location) if source is found.home else source.metadata  # of a copy: its own
            tags = await self._quarantine_tags(effect, source)
            there = await self._copied(source, place, metadata, tags, found.strange.get(place))
        if found.home is not None:
            others.append(found.home)
        for other in others:
            try:
                await self._objects.removed(other)
            except Changed:
                continue  # what lies there now is not what was judged, and that is in quarantine
        return Moved("done", location=there.location)

    async def _deleted(self, found: Found) -> Moved:
        lying = [*([found.home] if found.home else []), *found.copies.values()]
        if not lying and found.changed:
            return found.missing
        for held in lying:
            await self._objects.removed(held)
        return Moved("done")

    async def _at_home(self, effect: Effect, number: int, found: Found) -> Moved:
        """Put the object back where it was judged, if it is not there, and tag it."""
        home, location = found.home, effect.decision.objects[number].location
        if home is None:
            copy = next(iter(found.copies.values()), None)
            if copy is None:
                return found.missing
            home = await self._put_back(copy, location, key_of("", effect.content_id, number, location))
            if home is None:
                return Moved("superseded", "newer_object", copy.location)
        for copy in found.copies.values():
            await self._objects.removed(copy)
        return await self._tagged(effect, home)

    async def _put_back(self, copy: Held, location: Location, mark: str) -> Held | None:
        """Return what lies at home again; None where something newer does."""
        current = await self._objects.seen(Location(bucket=location.bucket, key=location.key))
        if current is not None and not older(current, copy):
            return None
        metadata = {name: value for name, value in copy.metadata.items() if name not in OURS}
        metadata[RESTORED] = mark
        try:
            return await self._copied(
                copy, _place(location), metadata, foreign(await self._objects.tags(copy)), current
            )
        except Changed:  # stored in this moment
            return None

    async def _copied(
        self, source: Held, place: Place, metadata: Mapping[str, str], tags: Mapping[str, str], over: Held | None
    ) -> Held:
        bucket, key = place
        return await self._objects.copied(source, bucket, key, metadata, tags, over)

    async def _quarantine_tags(self, effect: Effect, source: Held) -> dict[str, str]:
        """Return the object's own tags and ours; where they are too many, its own."""
        own = foreign(await self._objects.tags(source))
        every = own | tags_of(effect)
        return every if len(every) <= MOST_TAGS else own

    async def _tagged(self, effect: Effect, home: Held) -> Moved:
        """Give the object our tags beside its own; take those off that we gave it before."""
        found = await self._objects.tags(home)
        wanted = foreign(found) | tags_of(effect)
        if len(wanted) > MOST_TAGS:
            return Moved("failed", "too_many_tags", home.location)
        if wanted != dict(found):
            await self._objects.tag(home, wanted)
            if home.location.version_id is None and not await self._still(home):
                return Moved("superseded", "changed")
        return Moved("done", location=home.location)

    async def _still(self, home: Held) -> bool:
        """Say whether an object without versions is the one that was tagged; take our tags off what is not."""
        try:
            return await self._objects.seen(home.location) is not None
        except Changed:
            await self._objects.tag(home, foreign(await self._objects.tags(home)))
            return False


def older(current: Held, copy: Held) -> bool:
    """Say whether what lies at home was there before the original of a copy: the version beneath it came up again."""
    if current.location.version_id is None or MODIFIED not in copy.metadata:
        return False  # without versions nothing older is left
    return current.modified < datetime.fromisoformat(copy.metadata[MODIFIED])


def _marked(original: Held, judged: Location) -> dict[str, str]:
    """Return the metadata of a copy: those of its original, and what tells of it, whatever its uploader wrote there."""
    marks = {MODIFIED: original.modified.isoformat(), ETAG: judged.etag or original.location.etag or ""}
    return dict(original.metadata) | marks


def _is_copy(held: Held, judged: JudgedObject) -> bool:
    """Say whether a copy in quarantine is whole; its key says of what."""
    etag = judged.location.etag
    return judged.size in {None, held.size} and (etag is None or held.metadata.get(ETAG, etag) == etag)


def _place(location: Location) -> Place:
    return location.bucket or "", location.key or ""


def _together(judged: Sequence[JudgedObject], moved: Sequence[Moved]) -> Result:
    """Return how an effect ended: as the worst of its objects."""
    worst = min(moved, key=lambda each: WORST.index(each.status), default=Moved("done"))
    objects = tuple(
        msgspec.structs.replace(one, location=each.location)
        for one, each in zip(judged, moved, strict=True)
        if each.location is not None
    )
    return Result(worst.status, worst.reason, objects)
