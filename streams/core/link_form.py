"""Addresses with places in them, `https://review.example/items/{content_id}`, as policies write them."""

import re
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import AfterValidator, Field

PLACES: Final = ("content_id", "decision_id")
PLACE: Final = re.compile(r"\{([^{}]*)\}")


def _known(link: str) -> str:
    """Return a link whose places are known; raise ValueError for any other."""
    for place in PLACE.findall(link):
        if place not in PLACES:
            raise ValueError(f"{{{place}}} is no place: one of {', '.join(f'{{{known}}}' for known in PLACES)}")
    if "{" in PLACE.sub("", link) or "}" in PLACE.sub("", link):
        raise ValueError("a brace has no partner")
    return link


LinkForm = Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=1024), AfterValidator(_known)]


def filled(link: str, **ids: str) -> str:
    """Return a link with its places filled; ids come from outside and are quoted whole."""
    return PLACE.sub(lambda place: quote(ids[place[1]], safe=""), link)
