from streams.pii.phone import unknown_regions
from streams.pii.regions import REGIONS


def test_every_region_has_a_numbering_plan_and_is_named_once() -> None:
    assert unknown_regions(REGIONS) == []
    assert len(set(REGIONS)) == len(REGIONS)
