"""Texts that lead away from the platform or defraud: what they say, and whether they say it or speak of it."""
