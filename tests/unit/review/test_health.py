import logging

import pytest

from streams.review.health import Health


def test_ready_is_who_has_nothing_to_complain_of() -> None:
    health = Health(("kafka", "relay"))
    assert not health.ready()
    health.well("kafka")
    assert health.wrong == {"relay": "is starting"}
    health.well("relay")
    assert health.ready()
    health.ill("kafka", "no broker answers")
    assert health.wrong == {"kafka": "no broker answers"}
    assert not health.ready()


def test_a_change_is_one_line_in_the_log_however_often_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    health = Health(("kafka",))
    for _ in range(3):
        health.well("kafka")
    for _ in range(3):
        health.ill("kafka", "no broker answers")
    for _ in range(3):
        health.well("kafka")
    assert caplog.messages == ["kafka: no broker answers", "kafka: works again"]
