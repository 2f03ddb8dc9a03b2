"""What a page offers of pictures and videos."""

from dataclasses import dataclass
from typing import Any, cast

from streams.core.content import Location
from streams.core.decision import Decision, Triggered
from streams.core.finding import Evidence
from streams.store.rows import Item, Medium
from streams.web.view_media import media_views
from tests.review_scene import flagged


@dataclass
class Row:
    """Of a row of a queue what is looked at."""

    id: int = 7


@dataclass
class Some:
    """Of an item what is looked at."""

    decision: Decision
    media: tuple[Medium, ...]
    row: Row


def item(kind: str, *evidence: Evidence, media: int = 1, of: str = "video") -> Item:
    line = Triggered("violence_60", "enforce", "image_model", "violence", "flag", confidence=91.26, evidence=evidence)
    given: dict[str, Any] = {"kind": kind, "triggered": (line,)}
    made = flagged("v-1", 1_700_000_000_000, **given)
    media_ = tuple(Medium(number, of, Location(path="x"), None, None) for number in range(media))
    return cast("Item", Some(made, media_, Row()))


def test_a_video_has_a_marker_and_a_frame_for_each_stretch() -> None:
    first = Evidence(frame=(2_000, 4_000))
    (view,) = media_views(item("video", first, Evidence(frame=(65_200, 80_000))))
    assert [(one.left, one.width) for one in view.spans] == [(25, 25), (815, 185)]
    assert view.spans[1].says == "violence 1:05.2 to 1:20.0"
    assert [one.says for one in view.frames] == ["0:02.0", "1:05.2"]
    assert view.frames[0].plain == "/media/7/0/frames/2000?side=1024"
    assert view.frames[0].blurred == "/media/7/0/frames/2000?blur=1&side=240"
    assert view.says[0] == "violence 91.2 %, 0:02.0 to 0:04.0"


def test_a_marker_is_seen_however_short_its_stretch_and_lies_on_the_line() -> None:
    (view,) = media_views(item("video", Evidence(frame=(0, 0)), Evidence(frame=(100_000, 100_000))))
    assert [(one.left, one.width) for one in view.spans] == [(0, 8), (992, 8)]


def test_very_many_stretches_offer_a_few_frames() -> None:
    many = [Evidence(frame=(at * 1000, at * 1000 + 500)) for at in range(100)]
    (view,) = media_views(item("video", *many))
    assert (len(view.spans), len(view.frames)) == (100, 12)


def test_each_picture_of_a_message_has_its_own_regions() -> None:
    found = (Evidence(box=(1, 2, 11, 22), attachment=1), Evidence(span=(0, 4)))
    views = media_views(item("message", *found, media=2, of="image"))
    assert [view.says for view in views] == [(), ("violence 91.2 %, 10 by 20 pixels at 1, 2",)]
    assert [view.blurred for view in views] == ["/media/7/0?blur=1&side=1024", "/media/7/1?blur=1&side=1024"]
    assert [view.spans + view.frames for view in views] == [(), ()]
