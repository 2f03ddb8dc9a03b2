"""What text engines share of neural networks: weights, encoder, hashed n-grams, heads. Knows only the core."""

import os

# onnxruntime 1.31 starts a telemetry client with its import: `disable_telemetry_events` comes too late for it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
