from streams.core.label import SEVERITIES, TEXT_LABELS
from streams.core.meaning import MEANING, SEVERITY_MEANING


def test_every_label_for_texts_and_every_severity_has_a_meaning() -> None:
    assert set(MEANING) == TEXT_LABELS
    assert tuple(SEVERITY_MEANING) == SEVERITIES
