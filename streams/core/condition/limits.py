"""How large and how dear a condition may be. A policy may have hundreds, and each content is held against all."""

from typing import Final

from streams.core.content import TEXT_LIMIT

SOURCE: Final = 4_000  # characters: more than a screen, which nobody reviews
NODES: Final = 500  # of the tree; bounds what a condition costs without loops
DEPTH: Final = 60  # of the tree: the checker and Python's compiler descend into it, and their stacks end at about 1,000
LOOPS: Final = 2  # comprehensions within one another: context against context is needed, a third was never asked for

# Cost counts steps of about 0.05 µs, measured on one core. The bound holds a condition near half a millisecond even on
# the longest text; usual ones take less than 30 steps.
COST: Final = 10_000
CONTEXT: Final = 10  # messages, fixed by the specification
ITEMS: Final = 50  # of lists and maps whose size nobody bounds: custom fields, labels found, rules of a label
# Steps of a search through a string, for a word or by RE2: 25 µs for the longest text. What is kept of the context is
# cut to 500 characters unless settings say otherwise, and custom fields are no longer.
LONG: Final = TEXT_LIMIT // 40
SHORT: Final = 500 // 40

MARKS: Final = 500  # texts of a conversation that can be counted at most, as `core/limit` bounds what a window keeps
KEPT: Final = 100  # texts that are kept for counters unless a condition asks for more, as the velocity engine keeps
