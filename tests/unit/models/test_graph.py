"""The encoder's graph: in integers it says what the packaged weights say in floats, and the same in any batch."""

from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from streams.models.encoder import Encoder, batches, loaded_tokenizer, shipped_ranges
from streams.models.graph import FINE, activations, encoder
from streams.models.session import session
from streams.models.weights import MINILM

SENTENCES = (
    "hi",
    "ok",
    "no way!",
    "see you at seven",
    "the kettle is boiling",
    "who took my blue umbrella?",
    "I would rather walk than wait for another bus",
    "You are the worst player I have ever met.",
    "my sister plays the cello and hates every minute of it",
    "send me the report before noon, please",
    "what a goal in the last minute",
    "i hate mondays",
    "They shouted at us until we left the square.",
    "The recipe wants two eggs, a pinch of salt and more butter than anybody should eat.",
    "click the link below to claim your reward",
    "nobody asked for your opinion",
    "we sailed around the island twice because the captain had lost his glasses",
    "Is it safe to eat raw beans?",
    "password reset code: 481516",
    "my cat sleeps on the router, it is warm there",
    "The parliament voted on the budget late at night, and nobody was pleased with it.",
    "lol that was embarrassing",
    "he punched the wall and broke his hand",
    "I feel so alone these days",
    "Great service, friendly staff, lovely view of the harbour; we will be back in spring.",
    "404",
    "can you lend me ten euros until friday",
    "A bridge of steel and glass was opened over the river in the autumn of that year.",
    "those people ruin every neighbourhood they move to",
    "don't forget the tickets!!!",
    "my grandmother grew up in a village without electricity, and she still switches off every lamp behind her",
    "is anyone up for a match tonight",
    "The dog barked; the postman ran.",
    "this phone is cheaper elsewhere",
    "how many legs has a millipede really",
    "I'll be late, the train has been standing in a field for half an hour and nobody tells us why",
    "happy birthday to the best friend in the world",
    "stop writing to me",
    "In mathematics, a group is a set with an operation that is associative, has a neutral element and inverses.",
    "bye",
)
LONG = "every word of this sentence takes its place among the others and " * 12


@pytest.fixture(scope="module")
def built() -> Encoder:
    """Return an encoder that remembers nothing."""
    return Encoder(shipped_ranges(), remembered=0)


@pytest.fixture(scope="module")
def floats() -> NDArray[np.float32]:
    """Return what the packaged model says, which widens its weights to floats: the mean over a text's tokens."""
    model, vectors = session(MINILM.read(), 1), []
    for _, ids, mask in (next(iter(batches(loaded_tokenizer(), [text]))) for text in SENTENCES):
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = model.run(["last_hidden_state"], inputs)
        mean = hidden[0].mean(axis=0)
        vectors.append(mean / np.linalg.norm(mean))
    return np.stack(vectors)


def test_integers_say_what_floats_say(built: Encoder, floats: NDArray[np.float32]) -> None:
    cosines = (built(SENTENCES) * floats).sum(axis=1)

    assert len(set(SENTENCES)) == 40
    assert float(cosines.mean()) >= 0.985
    assert float(cosines.min()) >= 0.95


def test_sentences_are_as_far_apart_as_in_floats(built: Encoder, floats: NDArray[np.float32]) -> None:
    vectors = built(SENTENCES)

    assert float(np.abs(vectors @ vectors.T - floats @ floats.T).max()) < 0.1


def test_vectors_have_length_one(built: Encoder) -> None:
    vectors = built([*SENTENCES, "", LONG])

    assert vectors.shape == (42, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_text_has_the_same_bits_alone_in_a_batch_and_beside_a_long_one(built: Encoder) -> None:
    alone = np.concatenate([built([text]) for text in SENTENCES])
    beside = np.stack([built([text, LONG])[0] for text in SENTENCES[::4]])

    assert len(loaded_tokenizer().encode(LONG).ids) == 128
    assert np.array_equal(built(SENTENCES[:32]), alone[:32])
    assert np.array_equal(built(SENTENCES[::-1])[::-1], alone)
    assert np.array_equal(beside, alone[::4])


def test_the_last_layer_stays_below_what_can_be_summed_exactly() -> None:
    largest = max(float(np.abs(hidden).max()) for hidden in _outputs("6.input", [LONG, *SENTENCES[:10]]))

    assert largest * FINE * 128 < 2**24


def test_activations_are_outputs_when_they_are_to_be_measured() -> None:
    tapped = onnx.load_from_string(encoder(MINILM.read(), shipped_ranges(), taps=True))
    plain = onnx.load_from_string(encoder(MINILM.read(), shipped_ranges()))

    assert [output.name for output in plain.graph.output] == ["vectors"]
    assert [output.name for output in tapped.graph.output] == ["vectors", *activations()]
    assert set(activations()) == set(shipped_ranges())


def test_the_same_ranges_make_the_same_model() -> None:
    assert encoder(MINILM.read(), shipped_ranges()) == encoder(MINILM.read(), shipped_ranges())


def _outputs(name: str, texts: list[str]) -> list[Any]:
    model = onnx.load_from_string(encoder(MINILM.read(), shipped_ranges()))
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    tapped = session(model.SerializeToString(), 1)
    return [
        tapped.run([name], {"input_ids": ids, "attention_mask": mask})[0]
        for _, ids, mask in batches(loaded_tokenizer(), texts)
    ]
