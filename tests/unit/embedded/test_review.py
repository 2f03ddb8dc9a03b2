from pathlib import Path

from streams.embedded.review import Review, SignIn
from streams.settings import Settings

LOG = """\
2026-01-31 12:00:00,000 INFO streams: something
review: http://127.0.0.1:8088
review: sign in as admin with the password a_b-C9 (shown this once)
"""


def test_who_can_sign_in_is_known_when_the_service_has_told_it(tmp_path: Path) -> None:
    review = Review(tmp_path)
    assert review.sign_in is None
    (tmp_path / "review.log").write_text(LOG, "utf-8")
    assert review.sign_in == SignIn("admin", "a_b-C9")


def test_commands_in_another_terminal_are_told_settings_that_the_program_has(tmp_path: Path) -> None:
    review = Review(tmp_path)
    fields = {f"MODERATION_{name.upper()}" for name in Settings.model_fields}
    assert review.environment.keys() <= fields
    assert review.environment["MODERATION_REVIEW_URL"] == review.address
    assert str(tmp_path) in review.environment["MODERATION_REVIEW_DATABASE"]


def test_a_service_that_was_not_started_has_not_ended_and_can_be_stopped(tmp_path: Path) -> None:
    review = Review(tmp_path)
    assert review.ended is None
    review.stop(1.0)
