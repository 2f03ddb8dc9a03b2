"""Training on a small world: labels are learnt, each from the rows that may teach it, the same way every time."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from streams.models import heads, held_out, sketch, words
from streams.models.features import wide
from streams.models.glance import Glance
from streams.models.nearest import Group
from streams.models.ngrams import MARKS, spaced
from streams.models.reading import readings, vectors
from streams.models.words import WORDY
from streams.training.card import card, page
from streams.training.features import features, weighted, weights
from streams.training.fitting import Data, arranged, fitted
from streams.training.linear import Linear
from streams.training.recipe import BROAD, FOLDS, LABELS, MARKED, NARROW, NARROW_SOURCE, OWN
from streams.training.training import Few, Filter, Trained, trained
from tests.unit.training.given import ORDINARY_SOURCE, SIGN, encode, talk, world

ROWS = world()
FILTERS = (
    Filter("scams", "gambling", Group([SIGN["scam"]], ["coffee"]), 0.3),
    Filter("nothing", "gambling", Group(["zebra"]), 0.9),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Let the solvers work on one thread: small sums on many wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def told() -> Counter[str]:
    """Return what training told while it went on."""
    return Counter()


@pytest.fixture(scope="module")
def made(told: Counter[str], one_thread: None) -> Trained:
    """Return what training leaves behind."""
    del one_thread
    return trained(ROWS, encode, lambda what, done: told.update({what: done}), FILTERS)


@pytest.fixture(scope="module")
def data() -> Data:
    """Return the rows as arrays."""
    found = features([row.text for row in ROWS], encode, lambda _: None)
    none = np.zeros((len(ROWS), WORDY), np.float32)
    return arranged(ROWS, found, weighted(found.ngrams, weights(found.ngrams)), none)


@pytest.fixture(scope="module")
def whole(data: Data, one_thread: None) -> dict[str, Linear]:
    """Return the heads that are fitted on all rows."""
    del one_thread
    return fitted(data, np.ones(len(ROWS), bool))


@pytest.mark.parametrize("label", sorted(set(BROAD) - set(NARROW)))
def test_length_and_numbers_of_a_text_tell_adverts_alone(whole: dict[str, Linear], label: str) -> None:
    assert whole[label].ngram[MARKS.ravel()].any() == (label in MARKED)


def served(made: heads.Heads, texts: list[str]) -> NDArray[np.float64]:
    """Return the probabilities of new texts, without the gate."""
    read = readings(texts)
    grams = made.grams([spaced(reading.prepared) for reading in read])
    return made.probabilities(made.logits(wide(vectors(read, encode)), grams))


def same(one: Linear, other: Linear) -> bool:
    return (
        np.array_equal(one.vector, other.vector) and np.array_equal(one.ngram, other.ngram) and one.bias == other.bias
    )


def test_each_label_is_found_by_its_own_word_in_new_texts(made: Trained) -> None:
    chance = Random(99)
    for place, label in enumerate(LABELS):
        with_sign = served(made.heads, [talk(chance, SIGN[label]) for _ in range(10)])[:, place]
        without = served(made.heads, [talk(chance) for _ in range(20)])[:, place]
        assert np.median(with_sign) >= made.heads.found[place], label
        assert without.max() < made.heads.found[place], label


def test_training_twice_gives_equal_files(made: Trained) -> None:
    again = trained(ROWS, encode, lambda _, __: None, FILTERS)
    texts = [row.text for row in ROWS]

    assert heads.written(again.heads) == heads.written(made.heads)
    assert words.written(again.words) == words.written(made.words)
    assert sketch.written(again.sketch) == sketch.written(made.sketch)
    assert held_out.written(texts, again.held_out) == held_out.written(texts, made.held_out)


def test_what_is_trained_is_read_again(made: Trained) -> None:
    again = heads.read(heads.written(made.heads))
    texts = [talk(Random(5), SIGN["scam"]), talk(Random(6))]

    assert again.labels == LABELS
    assert np.array_equal(served(again, texts), served(made.heads, texts))


def test_served_logits_are_those_of_the_fitted_heads(made: Trained, data: Data, whole: dict[str, Linear]) -> None:
    read = readings([row.text for row in ROWS])
    grams = made.heads.grams([spaced(reading.prepared) for reading in read])
    logits = made.heads.logits(wide(vectors(read, encode)), grams)
    fitted_logits = np.stack([whole[label].logits(data.vectors, data.grams) for label in LABELS], axis=1)

    assert np.abs(logits - fitted_logits).max() < 0.1  # weights of n-grams are stored in 127 steps
    assert np.corrcoef(logits.ravel(), fitted_logits.ravel())[0, 1] > 0.9999


def test_steps_are_told(made: Trained, told: Counter[str]) -> None:
    assert made.held_out.shape == made.full.shape == (len(ROWS), len(LABELS))
    assert told["features"] == len(ROWS)
    assert told["fits"] == FOLDS + 1


def test_held_out_answers_are_of_heads_that_have_not_seen_the_row_s_fold(made: Trained, data: Data) -> None:
    inside = data.folds == 2
    unseen = fitted(data, ~inside)
    logits = np.stack([unseen[label].logits(data.vectors[inside], data.grams[inside]) for label in LABELS], axis=1)

    assert 50 < inside.sum() < 150
    assert np.array_equal(made.full[inside], made.heads.probabilities(logits))
    assert not np.array_equal(made.full[~inside], served(made.heads, [row.text for row in ROWS])[~inside])


def test_what_the_text_model_asks_about_is_what_its_cheap_heads_doubt(made: Trained) -> None:
    seen = Glance(made.heads, made.words)(readings([row.text for row in ROWS]))
    doubted = made.heads.doubtful(seen.cheap)

    assert made.short.all()
    assert 0 < made.asked.sum() < len(ROWS)
    assert (doubted == made.asked).mean() > 0.9  # those of the folds doubt much the same


def test_it_is_told_what_the_gate_keeps_from_each_filter(made: Trained) -> None:
    assert made.filters["nothing"] == (0, 0)
    assert made.filters["scams"].found >= 10  # rows with the word and few others
    assert made.filters["scams"].lost < made.filters["scams"].found
    assert made.asked_by_filters.any()
    assert not made.asked_by_filters.all()


def test_rows_of_one_group_are_in_one_fold(data: Data) -> None:
    found = features([row.text for row in ROWS], encode, lambda _: None)
    grouped = [row._replace(group=f"group {number // 10}") for number, row in enumerate(ROWS)]
    folds = arranged(grouped, found, data.grams, data.words).folds

    assert set(folds.tolist()) == set(range(FOLDS))
    assert all(len(set(folds[start : start + 10].tolist())) == 1 for start in range(0, len(ROWS), 10))


def test_rows_are_arranged_by_what_they_may_teach(data: Data) -> None:
    assert data.own.sum() == 20
    assert data.narrow.sum() == sum(row.source == NARROW_SOURCE for row in ROWS)
    assert data.ordinary.sum() == sum(row.source == ORDINARY_SOURCE for row in ROWS)
    assert set(data.truths["spam"][data.ordinary].tolist()) == {0}
    assert set(data.truths["abuse"][data.narrow].tolist()) == {-1}


def test_own_examples_and_rows_of_the_narrow_source_teach_no_broad_head(data: Data, whole: dict[str, Linear]) -> None:
    fewer = fitted(data, ~data.own & ~data.narrow | data.narrow & (np.arange(len(ROWS)) % 2 == 0))

    for label in set(BROAD) - set(NARROW):
        assert same(fewer[label], whole[label]), label
    for label in NARROW:
        assert not same(fewer[label], whole[label]), label


def test_own_examples_teach_only_the_labels_that_have_too_few_others(data: Data, whole: dict[str, Linear]) -> None:
    without = fitted(data, ~data.own)

    assert {label for label in LABELS if not same(without[label], whole[label])} == set(OWN)


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(Few, match=r"^too few rows of scam, self_harm: positives and negatives of each"):
        trained(
            [row for row in ROWS if row.source != "set_scam" and not row.labels.get("self_harm")],
            encode,
            lambda _, __: None,
        )


def test_without_ordinary_talk_nothing_is_trained() -> None:
    with pytest.raises(Few, match=r"^no ordinary talk: rows of convabuse, "):
        trained([row for row in ROWS if row.source != ORDINARY_SOURCE], encode, lambda _, __: None)


def test_the_card_tells_what_the_heads_were_made_of_and_can_do(made: Trained) -> None:
    told = card(ROWS, made)
    figures = {(line.label, line.source): line for line in told.figures}

    assert told.version == made.heads.version
    assert told.rows == dict(Counter(row.source for row in ROWS))
    assert set(told.thresholds) == set(LABELS)
    assert figures["scam", "set_scam"].positives == 20
    assert (figures["scam", "set_scam"].auc or 0) > 0.9
    assert "own" not in {line.source for line in told.figures}
    shares = (*told.gate.lost.values(), *told.gate.lost_by_filters.values(), told.ordinary_found)
    assert all(0 <= share <= 1 for share in (*shares, told.gate.asked, told.gate.asked_by_filters))
    assert told.gate.asked_by_any >= max(told.gate.asked, told.gate.asked_by_filters)
    assert set(told.gate.lost_by_filters) == {"scams", "nothing"}
    assert all(f"| {label} |" in page(told) for label in LABELS)
    assert "{" not in page(told)
