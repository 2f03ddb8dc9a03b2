"""Measurements of the running stream beside what the same machine does without it."""
