"""What the installed packages must be able to do, whichever versions the lock files name."""

import pytest
from aiokafka import codec


@pytest.mark.parametrize("name", ["gzip", "snappy", "lz4", "zstd"])
def test_a_batch_is_readable_however_its_producer_compressed_it(name: str) -> None:
    assert getattr(codec, f"has_{name}")()
    data = b"the same again, " * 100
    packed = getattr(codec, f"{name}_encode")(data)
    assert len(packed) < len(data)
    assert getattr(codec, f"{name}_decode")(packed) == data
