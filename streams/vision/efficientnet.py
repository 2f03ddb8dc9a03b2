"""EfficientNet-Lite: the tensors of its checkpoint in, an ONNX model out.

Built at load time, so that neither torch nor a converted file has to be shipped. The lite variants have no
squeeze-and-excitation and use ReLU6 (the authors' description of the models).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from streams.models.graph import Graph

OPSET: Final = 13
IR_VERSION: Final = 8
CLASSES: Final = 1000
EPSILON: Final = 1e-3  # of the batch norms
MEAN, SCALE = 127.0, 128.0  # of the input: 0..255 to about -1..1
# Strides of the seven stages; how many blocks each has follows from the depth.
STRIDES: Final = (1, 2, 2, 2, 1, 2, 1)
LITE2: Final = (1, 3, 3, 4, 4, 5, 1)  # blocks of each stage: 2, 2, 3, 3, 4 times 1.2; first and last stay single
LITE2_SIDE: Final = 260  # pixels

Tensors = Mapping[str, NDArray[Any]]


def efficientnet(tensors: Tensors, depths: Sequence[int] = LITE2, side: int = LITE2_SIDE) -> bytes:
    """Return the model: `image` uint8 [n, side, side, 3] RGB in, `logits` float32 [n, CLASSES] out.

    Raises KeyError where a tensor is missing.
    """
    net = _Net(tensors)
    value = net.prepared("image")
    value = net.convolution(value, "_conv_stem", "_bn0", stride=2)
    number = 0
    for depth, stride in zip(depths, STRIDES, strict=True):
        for place in range(depth):
            value = net.block(value, f"_blocks.{number}", stride if place == 0 else 1)
            number += 1
    value = net.convolution(value, "_conv_head", "_bn1")
    net.classified(value)
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", side, side, 3])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", CLASSES])
    model = helper.make_model(
        helper.make_graph(net.nodes, "efficientnet", [image], [logits], net.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    return bytes(model.SerializeToString())


class _Net(Graph):
    """The graph, with the layers of the network."""

    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        self._tensors = tensors
        self._low = self.constant("low", np.array(0, np.float32))
        self._high = self.constant("high", np.array(6, np.float32))

    def prepared(self, image: str) -> str:
        """Return pixels as floats, channels first."""
        first = self.node("Transpose", [image], "channels_first", perm=[0, 3, 1, 2])
        floats = self.node("Cast", [first], "floats", to=TensorProto.FLOAT)
        centred = self.node("Sub", [floats, self.constant("mean", np.array(MEAN, np.float32))], "centred")
        return self.node("Div", [centred, self.constant("scale", np.array(SCALE, np.float32))], "scaled")

    def block(self, value: str, path: str, stride: int) -> str:
        """Return one inverted bottleneck: wider, each channel by itself, narrower; the input added where it fits."""
        inner = value
        if f"{path}._expand_conv.weight" in self._tensors:
            inner = self.convolution(inner, f"{path}._expand_conv", f"{path}._bn0")
            wide = self._tensors[f"{path}._expand_conv.weight"]
            narrow = wide.shape[1]
        else:
            narrow = self._tensors[f"{path}._depthwise_conv.weight"].shape[0]
        inner = self.convolution(inner, f"{path}._depthwise_conv", f"{path}._bn1", stride=stride)
        out = self.convolution(inner, f"{path}._project_conv", f"{path}._bn2", clipped=False)
        same = stride == 1 and narrow == self._tensors[f"{path}._project_conv.weight"].shape[0]
        return self.node("Add", [out, value], f"{path}.sum") if same else out

    def convolution(self, value: str, path: str, norm: str, *, stride: int = 1, clipped: bool = True) -> str:
        """Return a convolution with its batch norm folded into weights and bias, and ReLU6 unless not `clipped`."""
        weight = self._tensors[f"{path}.weight"].astype(np.float64)
        gain = self._tensors[f"{norm}.weight"] / np.sqrt(self._tensors[f"{norm}.running_var"] + EPSILON)
        bias = self._tensors[f"{norm}.bias"] - self._tensors[f"{norm}.running_mean"] * gain
        folded = self.constant(f"{path}.w", (weight * gain[:, None, None, None]).astype(np.float32))
        shift = self.constant(f"{path}.b", bias.astype(np.float32))
        each = weight.shape[1] == 1  # one filter a channel
        out = self.node(
            "Conv",
            [value, folded, shift],
            path,
            kernel_shape=list(weight.shape[2:]),
            strides=[stride, stride],
            group=weight.shape[0] if each else 1,
            auto_pad="SAME_UPPER",
        )
        return self.node("Clip", [out, self._low, self._high], f"{path}.clipped") if clipped else out

    def classified(self, value: str) -> str:
        """Return the logits of the mean over all places."""
        pooled = self.node("GlobalAveragePool", [value], "pooled")
        flat = self.node("Flatten", [pooled], "features")
        weight = self.constant("fc.w", self._tensors["_fc.weight"])
        bias = self.constant("fc.b", self._tensors["_fc.bias"])
        return self.node("Gemm", [flat, weight, bias], "logits", transB=1)
