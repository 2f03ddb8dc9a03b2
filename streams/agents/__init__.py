"""Thin shells around the core: decode, call one fold, emit."""
