from streams.core.engine import Text
from streams.evaluation.held_out import cross_validated
from tests.unit.evaluation.given import Trained, Words


def test_an_engine_without_trained_models_has_no_other_answers() -> None:
    assert cross_validated(Words()) is None


def test_answers_are_held_out_and_the_rows_that_were_trained_on_are_counted() -> None:
    engine = cross_validated(Trained())
    assert engine is not None
    assert (engine.name, engine.version) == ("words", "7")
    known, unknown = engine.inspect([Text("known spam"), Text("new spam")])
    assert not known.findings
    assert unknown.findings
    assert engine.inspect([Text("known again"), Text("known too")])
    assert engine.trained_on == 3
