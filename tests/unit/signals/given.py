"""Conversations of the tests."""

from streams.core.window import Entry


def entries(*said: tuple[str, str]) -> tuple[Entry, ...]:
    """Return messages, each an author and a text, a second apart."""
    return tuple(Entry(f"m{number}", author, text, number * 1000) for number, (author, text) in enumerate(said))
