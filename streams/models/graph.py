"""The encoder's graph: the weights of MiniLM and the ranges of its activations in, an ONNX model in integers out.

The packaged file holds int8 weights that it widens to floats before each product. Here the products are of integers, on
onnxruntime's own fused operators where these are faster than their parts (benchmarks/README.md). Activations are
quantised with fixed ranges, measured when the heads are trained: ranges taken from each batch, as dynamic quantisation
does, would give a text another vector in another company, and so another decision in a replay.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS: Final = 6
HEADS: Final = 12
WIDTH: Final = 384  # of a vector
EPSILON: Final = 1e-12  # of BERT's layer norms
# Steps of 1 in which the last layer's answer, which stays below 32, is rounded before it is summed: float32 holds the
# sum over 128 tokens exactly, so that neither padding nor other texts of the batch change its last bits.
FINE: Final = 4096
FUSED: Final = "com.microsoft"
OPSET: Final = 18
IR_VERSION: Final = 10

# What is quantised in each layer: its input, the attention's answer, the input and the middle of the feed-forward part.
QUANTISED: Final = ("input", "attention", "forward", "middle")

Range = tuple[float, float]
Tensor = NDArray[Any]


class Linear(NamedTuple):
    """Weights of a product: int8 [in, out] and a float32 scale for each column."""

    weight: Tensor
    scale: Tensor


class Source:
    """The tensors of the packaged model, by the names that its layers give them."""

    def __init__(self, data: bytes) -> None:
        model = onnx.load_from_string(data)
        self._tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        # The products with weights, in the order of the graph: query, key, value, output, up, down of each layer.
        names = [node.input[1] for node in model.graph.node if node.op_type == "MatMul"]
        self._products = [name for name in names if f"{name}_q" in self._tensors]

    def tensor(self, name: str) -> Tensor:
        """Return one tensor."""
        return numpy_helper.to_array(self._tensors[f"inner.{name}"])

    def linear(self, layer: int, place: int) -> Linear:
        """Return a layer's product: 0 to 2 query, key, value; 3 output; 4 up; 5 down."""
        name = self._products[layer * 6 + place]
        weight, scale = (numpy_helper.to_array(self._tensors[name + end]) for end in ("_q", "_scale"))
        return Linear(weight, scale[0])


class Graph:
    """An ONNX graph while it is built."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Tensor) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def norm(self, name: str, source: Source, path: str, value: str) -> str:
        """Add a layer norm."""
        scale = self.constant(f"{name}.scale", source.tensor(f"{path}.weight"))
        shift = self.constant(f"{name}.shift", source.tensor(f"{path}.bias"))
        return self.node("LayerNormalization", [value, scale, shift], name, epsilon=EPSILON)

    def summed_norm(self, name: str, source: Source, path: str, values: Sequence[str]) -> str:
        """Add a layer norm of a sum; SkipLayerNormalization does the same in five times the time."""
        return self.norm(name, source, path, self.node("Add", values, f"{name}.sum"))

    def quantised(self, value: str, bounds: Range) -> tuple[str, str, str]:
        """Quantise a value to uint8 within fixed bounds; return the names of the result, its scale and its zero."""
        low, high = min(bounds[0], 0.0), max(bounds[1], 0.0)
        step = (high - low) / 255
        scale = self.constant(f"{value}.step", np.array(step, np.float32))
        zero = self.constant(f"{value}.zero", np.array(round(-low / step), np.uint8))
        return self.node("QuantizeLinear", [value, scale, zero], f"{value}.q"), scale, zero

    def product(self, name: str, value: str, linear: Linear, bias: Tensor, bounds: Range) -> str:
        """Multiply a value, quantised within bounds, with weights, and add a bias."""
        quantised, scale, zero = self.quantised(value, bounds)
        weight = self.constant(f"{name}.weight", linear.weight)
        scales = self.constant(f"{name}.scales", linear.scale)
        shift = self.constant(f"{name}.bias", bias)
        inputs = [quantised, weight, scale, scales, zero, "", shift]  # left out: weights lie around zero
        return self.node("MatMulIntegerToFloat", inputs, name, domain=FUSED)


def encoder(data: bytes, ranges: Mapping[str, Range], *, taps: bool = False) -> bytes:
    """Return the model: `input_ids`, `attention_mask` int64 [n, t] in, `vectors` float32 [n, WIDTH] of length 1 out.

    `ranges` holds the bounds of each quantised activation, by `<layer>.<name of QUANTISED>`. With `taps`, these
    activations are outputs too: so their ranges are measured.
    """
    source, graph = Source(data), Graph()
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = _embedded(source, graph)
    for layer in range(LAYERS):
        hidden = _layer(source, graph, layer, hidden, ranges)
    _pooled(graph, hidden)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", WIDTH])]
    if taps:
        outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in activations()]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)],
        ir_version=IR_VERSION,
    )
    return bytes(model.SerializeToString())


def activations() -> Iterator[str]:
    """Yield the names of the quantised activations."""
    for layer in range(LAYERS):
        yield from (f"{layer}.{name}" for name in QUANTISED)


def _embedded(source: Source, graph: Graph) -> str:
    """Return the sum of word, position and type embeddings, normed; words stay int8 until they are looked up."""
    graph.constant("words", source.tensor("embeddings.word_embeddings.weight_q"))
    graph.constant("words.scale", source.tensor("embeddings.word_embeddings.weight_scale"))
    positions = source.tensor("embeddings.position_embeddings.weight_q").astype(np.float32)
    positions = positions * source.tensor("embeddings.position_embeddings.weight_scale")
    # Texts are single: every token is of type 0.
    graph.constant("positions", positions + source.tensor("embeddings.token_type_embeddings.weight")[0])
    graph.constant("start", np.array([0], np.int64))
    graph.node("Gather", ["words", "input_ids"], "word.q")
    graph.node("Cast", ["word.q"], "word.float", to=TensorProto.FLOAT)
    graph.node("Gather", ["words.scale", "input_ids"], "word.scale")
    graph.node("Mul", ["word.float", "word.scale"], "word")
    graph.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    graph.node("Slice", ["positions", "start", "tokens", "start"], "position")
    graph.node("Add", ["word", "position"], "embedding")
    return graph.norm("0.input", source, "embeddings.LayerNorm", "embedding")


def _layer(source: Source, graph: Graph, layer: int, hidden: str, ranges: Mapping[str, Range]) -> str:
    """Add one layer; return its output, which is the next one's input."""
    path, name = f"encoder.layer.{layer}", str(layer)
    parts = [source.linear(layer, place) for place in range(3)]
    weight = graph.constant(f"{name}.qkv", np.concatenate([part.weight for part in parts], axis=1))
    scales = graph.constant(f"{name}.qkv.scales", np.concatenate([part.scale for part in parts]))
    biases = [source.tensor(f"{path}.attention.self.{part}.bias") for part in ("query", "key", "value")]
    shift = graph.constant(f"{name}.qkv.bias", np.concatenate(biases))
    zeros = graph.constant(f"{name}.qkv.zeros", np.zeros(3 * WIDTH, np.int8))
    quantised, scale, zero = graph.quantised(hidden, ranges[f"{name}.input"])
    attention = graph.node(
        "QAttention",
        [quantised, weight, shift, scale, scales, "mask", zero, zeros],
        f"{name}.attention",
        domain=FUSED,
        num_heads=HEADS,
    )
    bias = source.tensor(f"{path}.attention.output.dense.bias")
    answer = graph.product(f"{name}.answer", attention, source.linear(layer, 3), bias, ranges[f"{name}.attention"])
    forward = graph.summed_norm(f"{name}.forward", source, f"{path}.attention.output.LayerNorm", [answer, hidden])
    bias = source.tensor(f"{path}.intermediate.dense.bias")
    up = graph.product(f"{name}.up", forward, source.linear(layer, 4), bias, ranges[f"{name}.forward"])
    middle = graph.node("Gelu", [up], f"{name}.middle", domain=FUSED)
    bias = source.tensor(f"{path}.output.dense.bias")
    down = graph.product(f"{name}.down", middle, source.linear(layer, 5), bias, ranges[f"{name}.middle"])
    return graph.summed_norm(f"{layer + 1}.input", source, f"{path}.output.LayerNorm", [down, forward])


def _pooled(graph: Graph, hidden: str) -> None:
    """Add the mean over the tokens that are no padding, brought to length 1; the same bits in any batch."""
    graph.constant("fine", np.array(FINE, np.float32))
    graph.node("Mul", [hidden, "fine"], "finer")
    graph.node("Round", ["finer"], "whole")
    graph.constant("tokens.axis", np.array([1], np.int64))
    graph.constant("width.axis", np.array([2], np.int64))
    graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask.float", "width.axis"], "mask.wide")
    graph.node("Mul", ["whole", "mask.wide"], "masked")
    graph.node("ReduceSum", ["masked", "tokens.axis"], "sum", keepdims=0)
    graph.node("ReduceSum", ["mask.float", "tokens.axis"], "count", keepdims=1)
    graph.node("Div", ["sum", "count"], "mean")
    graph.node("LpNormalization", ["mean"], "vectors", axis=1, p=2)
