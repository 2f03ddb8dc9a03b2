import pytest

from streams.pii.document import Document
from tests.unit.pii.given import claimed, entities, pieces


@pytest.mark.parametrize(
    ("text", "found", "entity"),
    [
        ("SMITH812310AB1CD", "SMITH812310AB1CD", "driving_licence"),
        ("FO999512018AA1AB", "FO999512018AA1AB", "driving_licence"),
        ("my passport number is A12803456", "A12803456", "passport"),
        ("Reisepass C01X00T47", "C01X00T47", "passport"),
        ("driver's license: D123-4567-8901", "D123-4567-8901", "driving_licence"),
        ("driving licence no. MORGA657054SM9IJ", "MORGA657054SM9IJ", "driving_licence"),
    ],
)
def test_a_number_counts_after_the_name_of_its_document_or_for_its_form(text: str, found: str, entity: str) -> None:
    assert pieces(Document(), text) == [found]
    assert entities(Document(), text) == [entity]


@pytest.mark.parametrize("text", ["A12803456", "my passport expires 2024", "passport please", "the license is MIT"])
def test_without_name_or_number_there_is_none(text: str) -> None:
    assert claimed(text) == []
