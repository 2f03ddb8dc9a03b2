import pytest

from streams.core.calling import is_open


@pytest.mark.parametrize(
    "address", ["https://models.example/v1", "http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:1/v1"]
)
def test_what_is_encrypted_or_stays_on_this_machine_is_not_open(address: str) -> None:
    assert not is_open(address)


@pytest.mark.parametrize(
    "address",
    ["http://models.example/v1", "http://10.0.0.1/v1", "http://127.0.0.1.example/v1", "HTTP://LOCALHOST.example"],
)
def test_what_goes_over_the_network_in_the_clear_is_open(address: str) -> None:
    assert is_open(address)
