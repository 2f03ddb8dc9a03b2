from streams.pii.found import Found


def test_what_was_found_holds_a_place_and_a_kind_and_no_text() -> None:
    assert Found._fields == ("start", "end", "entity")
