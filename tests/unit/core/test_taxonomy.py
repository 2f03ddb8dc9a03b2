import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.label import MEDIA_LABELS
from streams.core.taxonomy import CATEGORIES, OF_VERSION_6, OF_VERSION_7, PARENTS, Label, Seen, sorted_out

NAMES = st.sampled_from([*PARENTS, *OF_VERSION_6, "Suggestive", "Brand New", ""]) | st.text(max_size=8)
LABELS = st.lists(st.builds(Label, NAMES, NAMES, st.floats(0, 100)), max_size=12)


def v7(*labels: tuple[str, float]) -> dict[str, Seen]:
    return dict(sorted_out([Label(name, PARENTS[name], confidence) for name, confidence in labels], "7.0").categories)


def recorded(value: Any) -> list[Label]:
    return [Label(one["Name"], one["ParentName"], one["Confidence"]) for one in value]


def test_version_7_has_52_labels_in_three_levels() -> None:
    levels = [0, 0, 0]
    for name in PARENTS:
        parent, depth = PARENTS[name], 0
        while parent:
            parent, depth = PARENTS[parent], depth + 1
        levels[depth] += 1
    assert levels == [10, 20, 22]


def test_every_label_of_version_7_has_a_category() -> None:
    assert set(CATEGORIES) == MEDIA_LABELS - {"pii", "qr_code", "known_media"}
    assert set(OF_VERSION_7) <= set(PARENTS)
    for name, parent in PARENTS.items():
        found = sorted_out([Label(name, parent, 50.0)], "7.0")
        assert found.categories, name
        assert (found.unmapped, found.unknown) == (None, frozenset())


@pytest.mark.parametrize(
    ("name", "categories"),
    [
        ("Blood & Gore", {"visually_disturbing", "violence"}),
        ("Self-Harm", {"visually_disturbing", "violence"}),
        ("Weapon Violence", {"violence"}),
        ("Explosions and Blasts", {"violence"}),
        ("Corpses", {"visually_disturbing"}),
        ("Kissing on the Lips", {"non_explicit_nudity"}),
        ("Sex Toys", {"explicit"}),
        ("Pills", {"drugs_tobacco"}),
        ("Middle Finger", {"rude_gestures"}),
    ],
)
def test_the_first_level_is_not_the_category(name: str, categories: set[str]) -> None:
    assert set(v7((name, 80.0))) == categories


def test_parents_beside_their_children_count_once_and_the_deepest_label_is_named() -> None:
    found = v7(("Drugs & Tobacco", 99.4), ("Drugs & Tobacco Paraphernalia & Use", 99.2), ("Smoking", 90.0))
    assert found == {"drugs_tobacco": Seen(99.4, "Smoking")}


def test_blood_does_not_hide_that_its_parent_is_violence() -> None:
    found = v7(("Violence", 97.0), ("Graphic Violence", 97.0), ("Blood & Gore", 96.0))
    assert found == {"violence": Seen(97.0, "Blood & Gore"), "visually_disturbing": Seen(96.0, "Blood & Gore")}


@pytest.mark.parametrize(
    ("version", "name", "parent", "category"),
    [
        ("6.1", "Explosions And Blasts", "Visually Disturbing", "visually_disturbing"),
        ("7.0", "Explosions and Blasts", "Graphic Violence", "violence"),
        ("6.1", "Barechested Male", "Suggestive", "non_explicit_nudity"),
        ("3.0", "Weapon Violence", "Violence", "violence"),
        ("6.1", "Tobacco Products", "Tobacco", "drugs_tobacco"),
        (None, "Female Swimwear Or Underwear", "Suggestive", "swimwear_underwear"),
    ],
)
def test_the_table_goes_by_the_version_of_the_model(version: str | None, name: str, parent: str, category: str) -> None:
    found = sorted_out([Label(name, parent, 70.0)], version)
    assert found.categories == {category: Seen(70.0, name)}
    assert not found.unknown


def test_every_name_of_version_6_has_a_category() -> None:
    assert {category for categories in OF_VERSION_6.values() for category in categories} == set(CATEGORIES)


def test_suggestive_is_decided_by_its_children_and_belongs_nowhere_alone() -> None:
    parent, child = Label("Suggestive", "", 90.0), Label("Revealing Clothes", "Suggestive", 80.0)
    both, alone = sorted_out([parent, child], "6.1"), sorted_out([parent], "6.1")
    assert (both.categories, both.unmapped) == ({"non_explicit_nudity": Seen(80.0, "Revealing Clothes")}, None)
    assert (alone.categories, alone.unmapped, alone.unknown) == ({}, Seen(90.0, "Suggestive"), frozenset())


def test_a_name_that_is_new_counts_as_its_nearest_known_parent_and_is_named_as_unknown() -> None:
    found = sorted_out([Label("Axes", "Blades", 71.0), Label("Blades", "Weapons", 72.0)], "7.1")
    assert found.categories == {"violence": Seen(72.0, "Axes")}
    assert found.unmapped is None
    assert found.unknown == {"Axes", "Blades"}


def test_a_name_without_any_known_parent_is_not_lost() -> None:
    found = sorted_out([Label("Deepfake", "Synthetic", 66.0), Label("Synthetic", "", 60.0)], "8.0")
    assert found.categories == {}
    assert found.unmapped == Seen(66.0, "Deepfake")
    assert found.unknown == {"Deepfake", "Synthetic"}


def test_self_harm_is_told_apart() -> None:
    assert sorted_out([Label("Self-Harm", "Graphic Violence", 88.0)], "7.0").self_harm == 88.0
    assert sorted_out([Label("Weapons", "Violence", 88.0)], "7.0").self_harm == 0.0


@given(LABELS, st.sampled_from(["7.0", "6.1", None, "", "x"]))
def test_whatever_labels_come_each_ends_in_a_category_or_unmapped(labels: list[Label], version: str | None) -> None:
    found = sorted_out(labels, version)
    kept = [seen.confidence for seen in found.categories.values()] + (
        [found.unmapped.confidence] if found.unmapped else []
    )
    decided = [label for label in labels if label.name != "Suggestive"]
    assert max(kept, default=0.0) >= max((label.confidence for label in decided), default=0.0)
    assert set(found.categories) <= set(CATEGORIES)


@pytest.mark.parametrize(
    ("file", "categories"),
    [
        ("rekognition_detect_empty_v7.json", {}),
        ("rekognition_detect_old_swimwear__public-readme.json", {"swimwear_underwear": "Female Swimwear Or Underwear"}),
        ("rekognition_detect_v3_weapon__aws-cli-docs.json", {"violence": "Weapon Violence"}),
        ("rekognition_detect_v7_smoking__aws-docs.json", {"drugs_tobacco": "Smoking"}),
    ],
)
def test_recorded_answers_are_sorted_out(shared: Path, file: str, categories: dict[str, str]) -> None:
    answer = json.loads((shared / "data" / "events" / file).read_text("utf-8"))
    found = sorted_out(recorded(answer["ModerationLabels"]), answer.get("ModerationModelVersion"))
    assert {name: seen.label for name, seen in found.categories.items()} == categories
    assert (found.unmapped, found.unknown) == (None, frozenset())


@pytest.mark.parametrize(
    "file", ["rekognition_video_segments_v7__aws-docs.json", "rekognition_video_timestamps_v7__aws-docs.json"]
)
def test_labels_of_recorded_videos_are_sorted_out(shared: Path, file: str) -> None:
    answer = json.loads((shared / "data" / "events" / file).read_text("utf-8"))
    labels = recorded([one["ModerationLabel"] for one in answer["ModerationLabels"]])
    found = sorted_out(labels, answer["ModerationModelVersion"])
    assert (list(found.categories), found.unmapped, found.unknown) == (["alcohol"], None, frozenset())
