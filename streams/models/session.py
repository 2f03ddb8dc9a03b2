"""Sessions: an ONNX model in, what runs it on a bounded number of threads out."""

from typing import Any

import onnxruntime


def session(model: bytes, threads: int) -> Any:
    """Return an onnxruntime session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a waiting thread takes no core
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
