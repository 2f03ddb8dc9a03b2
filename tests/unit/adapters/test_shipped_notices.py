from streams.adapters.shipped_notices import shipped_notices
from streams.core.label import LABELS, UNMAPPED
from streams.core.policy import Document


def test_every_built_in_label_has_a_sentence_in_every_locale() -> None:
    notices = shipped_notices()
    assert set(notices) == {"en", "de"}
    for sentences in notices.values():
        assert set(sentences) == (LABELS - {UNMAPPED}) | {"default", "muted"}
        assert len(set(sentences.values())) == len(sentences)


def test_a_policy_could_have_written_them() -> None:
    Document.model_validate({"id": "p", "engines": {"pii": {}}, "notices": shipped_notices()})
