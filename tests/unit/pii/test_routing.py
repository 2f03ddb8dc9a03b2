from streams.pii.routing import Routing
from tests.unit.pii.given import pieces


def test_a_routing_number_counts_beside_its_name_only() -> None:
    assert pieces(Routing(), "routing number 121000358") == ["121000358"]
    assert pieces(Routing(), "ABA: 0711-0130-7") == ["0711-0130-7"]
    assert pieces(Routing(), "121000358") == []
    assert pieces(Routing(), "routing number 121000359") == []
