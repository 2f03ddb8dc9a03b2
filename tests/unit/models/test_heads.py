"""Heads: a file of arrays in, probabilities out; what a file may not be."""

import io
import math
import zipfile
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from streams.models.arrays import Wrong
from streams.models.heads import UNDER, Heads, read, shipped, written
from streams.models.ngrams import BUCKETS, ngrams
from streams.models.words import WORDY

LABELS = ("kind", "rude")


@cache
def made() -> Heads:
    """Return heads of two labels with weights by chance, which repeat so that they are packed fast."""
    chance = np.random.default_rng(1)
    return Heads(
        labels=LABELS,
        version="0123456789ab",
        vector=chance.normal(size=(768, 2)),
        bias=np.array([-1.0, 0.5]),
        table=np.resize(chance.integers(-127, 128, 4000), (BUCKETS, 2)).astype(np.int8),
        steps=np.array([0.01, 0.02], np.float32),
        rarity=np.resize(chance.uniform(1, 9, 999), BUCKETS).astype(np.float16).astype(np.float32),
        cheap_table=np.resize(chance.integers(-127, 128, 3000), (BUCKETS, 2)).astype(np.int8),
        cheap_steps=np.array([0.02, 0.01], np.float32),
        cheap_words=chance.integers(-127, 128, (WORDY, 2)).astype(np.int8),
        cheap_words_steps=np.array([1e-4, 2e-4], np.float32),
        words="ba9876543210",
        cheap_bias=np.array([-1.0, -2.0]),
        scale=np.array([[1.5, -0.2], [0.7, 0.1]]),
        cheap_scale=np.array([[1.2, 0.3], [0.9, -0.1]]),
        found=np.array([0.6, 0.4]),
        firm=np.array([0.8, 0.9]),
        doubt=np.array([-1.5, -2.5]),
        certain=np.array([0.5, 1.0]),
    )


def some_features(count: int) -> NDArray[np.float32]:
    """Return features of words by chance."""
    return np.random.default_rng(3).integers(-127, 128, (count, WORDY)).astype(np.float32)


@cache
def file() -> bytes:
    return written(made())


def arrays() -> dict[str, Any]:
    """Return what the file holds."""
    with np.load(io.BytesIO(file())) as stored:
        return {name: stored[name] for name in stored.files}


def packed(stored: dict[str, Any]) -> bytes:
    data = io.BytesIO()
    np.savez_compressed(data, **stored)
    return data.getvalue()


def test_heads_are_read_as_they_were_written() -> None:
    heads = made()
    again = read(file())

    assert (again.labels, again.version) == (LABELS, "0123456789ab")
    assert again.words == "ba9876543210"
    for name in set(heads.__struct_fields__) - {"labels", "version", "words"}:
        assert np.array_equal(getattr(again, name), getattr(heads, name)), name
        assert getattr(again, name).dtype == getattr(heads, name).dtype


def test_the_weights_of_n_grams_are_stored_at_half_precision() -> None:
    rarity = np.full(BUCKETS, 1 / 3, np.float32)
    again = read(written(msgspec.structs.replace(made(), rarity=rarity))).rarity

    assert again.dtype == np.float32
    assert np.allclose(again, rarity, rtol=1e-3, atol=0)


def test_the_same_heads_are_written_as_the_same_bytes() -> None:
    assert file() == written(read(file()))


def test_a_file_cut_short_anywhere_is_none() -> None:
    data = file()
    for size in (0, 3, 100, len(data) // 2, len(data) - 30, len(data) - 1):
        with pytest.raises(Wrong, match=r"^no heads: \w+$"):
            read(data[:size])


def test_a_file_with_a_bit_turned_is_none() -> None:
    data = bytearray(file())
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(Wrong, match=r"^no heads: \w+$"):
        read(bytes(data))


def test_a_pickle_is_never_loaded() -> None:
    several = io.BytesIO()
    np.savez(several, labels=np.array([{"a": 1}], object))
    alone = io.BytesIO()
    np.save(alone, np.array([{"a": 1}], object))
    inside = packed(arrays() | {"bias": np.array([print, None], object)})

    for data in (several.getvalue(), alone.getvalue(), inside, b"\x80\x04K\x01.", b"text", b"PK\x03\x04text"):
        with pytest.raises(Wrong, match=r"^no heads: \w+$"):
            read(data)


def test_an_array_alone_and_an_archive_of_anything_else_are_none() -> None:
    alone, archive = io.BytesIO(), io.BytesIO()
    np.save(alone, np.zeros(3))
    with zipfile.ZipFile(archive, "w") as entries:
        entries.writestr("labels", "kind")

    for data in (alone.getvalue(), archive.getvalue(), packed({"labels": np.array(["kind"])})):
        with pytest.raises(Wrong, match=r"^no heads: \w+$"):
            read(data)


@pytest.mark.parametrize("name", ["bias", "table", "steps", "version", "words", "rarity", "labels", "certain"])
def test_every_array_is_needed_and_no_other(name: str) -> None:
    stored = arrays()
    with pytest.raises(Wrong, match="no heads: TypeError"):
        read(packed(stored | {"other": np.zeros(2)}))
    del stored[name]
    with pytest.raises(Wrong, match=r"^no heads: (KeyError|TypeError)$"):
        read(packed(stored))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("vector", (384, 2)),
        ("vector", (768, 3)),
        ("table", (BUCKETS // 2, 2)),
        ("table", (BUCKETS, 4)),
        ("cheap_table", (BUCKETS, 1)),
        ("cheap_words", (WORDY - 1, 2)),
        ("cheap_words_steps", (3,)),
        ("rarity", (1,)),
        ("steps", (4,)),
        ("bias", (1,)),
        ("found", (3,)),
        ("certain", ()),
        ("scale", (2,)),
        ("cheap_scale", (2, 3)),
    ],
)
def test_arrays_of_another_shape_belong_to_other_heads(name: str, shape: tuple[int, ...]) -> None:
    stored = arrays()
    stored[name] = np.zeros(shape, stored[name].dtype)

    with pytest.raises(Wrong, match="of another encoder or other n-grams: train them again"):
        read(packed(stored))


def test_a_higher_logit_is_never_less_probable() -> None:
    logits = np.tile(np.linspace(-60, 60, 481)[:, None], 2)
    probabilities = made().probabilities(logits)

    assert (np.diff(probabilities, axis=0) >= 0).all()
    assert probabilities.min() == 0
    assert probabilities.max() == 1
    assert np.array_equal(np.round(probabilities, 4), probabilities)


def test_a_logit_is_calibrated_by_its_own_label_and_kind() -> None:
    (probabilities,) = made().probabilities(np.array([[2.0, -1.0]]))
    (cheap,) = made().unasked(np.array([[-4.0, -5.0]]))

    assert probabilities == pytest.approx([1 / (1 + math.exp(-2.8)), 1 / (1 + math.exp(0.6))], abs=1e-4)
    assert cheap == pytest.approx([1 / (1 + math.exp(4.5)), 1 / (1 + math.exp(4.6))], abs=1e-4)


def test_n_grams_weigh_by_their_rarity_and_a_text_has_length_one() -> None:
    heads, texts = made(), ["you are nice", "", "nice nice nice nice", "you"]
    features = some_features(len(texts))
    cheap = heads.cheap(texts, features)

    for text, row_words, full, low in zip(texts, features, heads.grams(texts), cheap, strict=True):
        buckets = ngrams([text]).buckets
        rarity = heads.rarity[buckets].astype(np.float64)
        length = float(np.sqrt((rarity**2).sum())) or 1.0
        share = rarity / length
        assert full == pytest.approx(share @ (heads.table[buckets] * heads.steps.astype(np.float64)), abs=1e-5)
        low_grams = share @ (heads.cheap_table[buckets] * heads.cheap_steps.astype(np.float64))
        low_words = row_words @ (heads.cheap_words * heads.cheap_words_steps.astype(np.float64))
        assert low == pytest.approx(low_grams + low_words + heads.cheap_bias, abs=1e-4)


def test_logits_of_n_grams_are_the_same_alone_and_in_any_batch() -> None:
    heads = made()
    texts = [" ".join([f"{'ab' * (number % 7)} word{number} again"] * (number % 4)) for number in range(40)]
    features = some_features(len(texts))
    together, cheap = heads.grams(texts), heads.cheap(texts, features)

    assert np.array_equal(together, np.concatenate([heads.grams([text]) for text in texts]))
    assert np.array_equal(together[::-1], heads.grams(texts[::-1]))
    alone = [heads.cheap([text], row[None]) for text, row in zip(texts, features, strict=True)]
    assert np.array_equal(cheap, np.concatenate(alone))
    assert np.array_equal(cheap[::-1], heads.cheap(texts[::-1], features[::-1]))


def test_only_cheap_logits_between_doubt_and_certainty_need_the_encoder() -> None:
    cheap = np.array([[-1.6, -2.6], [-1.5, -2.6], [0.5, -2.6], [0.5, 0.9], [-1.6, 1.0], [0.49, 1.0]])

    assert made().doubtful(cheap).tolist() == [False, True, False, True, False, True]


def test_a_label_is_suspected_where_n_grams_alone_decide_and_have_not_found_it() -> None:
    heads = msgspec.structs.replace(made(), certain=np.array([0.5, math.inf]))
    cheap = np.array([[-3.0, -3.0], [-1.5, -3.0], [0.5, -3.0], [-3.0, 2.0]])  # .03, .18, .71 of the first label

    assert heads.suspected(cheap, {"kind"}).tolist() == [False, True, False, False]
    assert heads.suspected(cheap, {"kind", "rude"}).tolist() == [False, True, False, False]
    assert not heads.suspected(cheap, {"rude"}).any()


def test_without_the_encoder_only_what_is_certain_is_found() -> None:
    heads = made()
    cheap = np.random.default_rng(2).uniform(-8, 8, (500, 2))
    probabilities = heads.unasked(cheap)
    certain = cheap >= heads.certain

    assert certain.any()
    assert not certain.all()
    assert np.array_equal(probabilities >= heads.found, certain)
    assert probabilities[~certain].max() <= (heads.found - UNDER).max()
    assert probabilities.min() >= 0


def test_a_text_without_n_grams_is_what_the_biases_say() -> None:
    nothing = np.zeros((2, WORDY), np.float32)

    assert not made().grams(["", ""]).any()
    assert np.array_equal(made().cheap(["", ""], nothing), np.tile(made().cheap_bias, (2, 1)))
    assert made().grams([]).shape == made().cheap([], nothing[:0]).shape == (0, 2)


def test_the_shipped_heads_have_thresholds_in_order() -> None:
    heads = shipped()

    assert len(set(heads.labels)) == len(heads.labels) == 13
    assert (heads.found > UNDER).all()
    assert (heads.firm >= heads.found).all()
    assert (heads.firm < 1).all()
    assert (heads.scale[:, 0] > 0).all()
    assert (heads.cheap_scale[:, 0] > 0).all()
    assert (heads.doubt <= heads.certain).all()
    assert all(np.isfinite(getattr(heads, name)).all() for name in ("vector", "bias", "rarity", "steps", "cheap_bias"))
    assert len(heads.version) == 12
