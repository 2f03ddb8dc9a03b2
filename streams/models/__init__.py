"""What text engines share of neural networks: weights, encoder, hashed n-grams, heads. Knows only the core."""

import os

# onnxruntime 1.31 sends usage data to its maker, from its import on: `disable_telemetry_events` comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
