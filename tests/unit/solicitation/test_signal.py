import pytest

from streams.core.label import Severity
from streams.solicitation.signal import raised, signals_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("go to bit.ly/3xy", {"link"}),
        ("pay 200 dollars", {"money"}),
        ("£5", {"money"}),
        ("act now", {"urgency"}),
        ("enter your card number", {"credential"}),
        ("from the irs", {"authority"}),
        ("text win to 80488", {"call"}),
        ("see you at five", set()),
    ],
)
def test_signals_are_recognised(text: str, names: set[str]) -> None:
    assert signals_of(text) == names


@pytest.mark.parametrize(
    ("severity", "signals", "result"),
    [
        ("low", [], "low"),
        ("low", ["link"], "low"),
        ("low", ["link", "money"], "medium"),
        ("medium", ["credential"], "high"),
        ("low", ["credential", "link", "money", "urgency"], "high"),
        ("high", ["credential", "link", "money", "urgency", "authority"], "high"),
        ("critical", [], "critical"),
    ],
)
def test_the_severity_rises_with_the_weight_of_the_signals_but_never_to_critical(
    severity: Severity, signals: list[str], result: str
) -> None:
    assert raised(severity, signals) == result
