"""Masked previews of `moderation check`: what the policy masks in a picture is black in a file beside the decision."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

from streams.adapters.inspection import Reader
from streams.adapters.picture import Limits, decoded
from streams.adapters.undecodable import Undecodable
from streams.adapters.unreadable import Unreadable
from streams.cli.offline import Examine
from streams.core.case import Task
from streams.core.covering import covered
from streams.core.finding import Report
from streams.core.policy import Policy
from streams.vision.masked import masked_preview

LONGEST: Final = 200  # characters of a file's name


def previewed(examine: Examine, objects: Reader, policy: Policy, limits: Limits, folder: Path) -> Examine:
    """Return what examines as before and writes one PNG for each still picture in which the policy masks something.

    A picture that cannot be read a second time, because it was changed or deleted meanwhile, has no preview.
    """

    async def examined(task: Task) -> Sequence[Report]:
        reports = await examine(task)
        for number, boxes in covered(policy, reports).items():
            try:
                media = decoded((await objects.fetch(task.objects[number][1])).data, limits)
            except (Unreadable, Undecodable):
                continue
            if media.frames:
                file = folder / file_name(task.content_id, number if len(task.objects) > 1 else None)
                file.write_bytes(masked_preview(media.frames[0], boxes))
        return reports

    return examined


def file_name(content_id: str, number: int | None) -> str:
    """Return the name of a preview: the content id, or its hash where that is too long for a file's name."""
    name = quote(content_id, safe="")
    name = name if len(name) <= LONGEST else sha256(content_id.encode(errors="replace")).hexdigest()
    return f"{name}.png" if number is None else f"{name}-{number}.png"
