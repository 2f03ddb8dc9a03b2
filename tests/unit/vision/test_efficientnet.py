"""The graph computes what its layers say, on a network small enough to follow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.models.session import session
from streams.vision.efficientnet import CLASSES, efficientnet

SIDE = 8
ONE_EACH = (1,) * 7


def small_network() -> dict[str, NDArray[Any]]:
    """Return tensors of a network whose only channel carries the mean of red, and whose class 7 answers to it."""
    found: dict[str, NDArray[Any]] = {}

    def convolution(path: str, norm: str, shape: tuple[int, ...]) -> None:
        weight = np.zeros(shape, np.float32)
        weight[0, 0, shape[2] // 2, shape[3] // 2] = 1
        found.update({f"{path}.weight": weight, f"{norm}.weight": np.ones(1), f"{norm}.bias": np.zeros(1)})
        found.update({f"{norm}.running_mean": np.zeros(1), f"{norm}.running_var": np.full(1, 1 - 1e-3)})

    convolution("_conv_stem", "_bn0", (1, 3, 3, 3))
    for number in range(7):
        convolution(f"_blocks.{number}._depthwise_conv", f"_blocks.{number}._bn1", (1, 1, 3, 3))
        convolution(f"_blocks.{number}._project_conv", f"_blocks.{number}._bn2", (1, 1, 1, 1))
    convolution("_conv_head", "_bn1", (1, 1, 1, 1))
    found["_fc.weight"] = np.zeros((CLASSES, 1), np.float32)
    found["_fc.weight"][7] = 10
    found["_fc.bias"] = np.zeros(CLASSES, np.float32)
    return found


def logits(tensors: dict[str, NDArray[Any]], red: int) -> Any:
    image = np.zeros((1, SIDE, SIDE, 3), np.uint8)
    image[..., 0] = red
    return session(efficientnet(tensors, ONE_EACH, SIDE), 1).run(["logits"], {"image": image})[0][0]


def test_the_input_is_scaled_and_blocks_of_stride_one_add_what_came_in() -> None:
    # Three stages have stride 1: each adds its input, so 1/4 doubles three times; then ten times that.
    answer = logits(small_network(), 127 + 32)
    assert answer[7] == np.float32(10 * 8 * 32 / 128)
    assert not answer[np.arange(CLASSES) != 7].any()


def test_values_are_cut_at_nought_and_at_six() -> None:
    assert logits(small_network(), 0)[7] == 0
    assert logits(small_network(), 255)[7] == np.float32(10 * 6)


def test_a_batch_norm_is_part_of_weights_and_bias() -> None:
    tensors = small_network()
    tensors["_bn1.weight"] *= 3
    tensors["_bn1.bias"] += 0.5
    tensors["_bn1.running_mean"] += 1
    assert np.isclose(logits(tensors, 127 + 32)[7], 10 * (0.5 + 3 * (2 - 1)))
