"""What conditions do at run time that Python's own operators do otherwise, or that can fail.

A function that has no value raises one of ERRORS, which never leaves this package: the condition cannot be said.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Final, NoReturn

import msgspec

ERRORS: Final = (ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_NUMBERS: Final = (int, float)
_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Missing:
    """Stands for the value of an early part that could not be said."""


MISSING: Final = Missing()


class Opaque:
    """Stands for a custom list or map where only single values travel: equal to no single value, without order."""


OPAQUE: Final = Opaque()
_OPAQUE: Final = "{}"


def cannot() -> NoReturn:
    """Raise ValueError: a value that is needed could not be said."""
    raise ValueError


def conjunction(*operands: Callable[[], bool]) -> bool:
    """Return `&&` of operands that may fail: false where one is false, whatever the others."""
    return _joined(operands, decides=False)


def disjunction(*operands: Callable[[], bool]) -> bool:
    """Return `||` of operands that may fail: true where one is true, whatever the others."""
    return _joined(operands, decides=True)


def every(items: Iterable[Any], body: Callable[[Any], bool]) -> bool:
    """Return whether a truth that may fail holds for all items; false where it is false for one."""
    return _joined(map(partial, repeat(body), items), decides=False)


def some(items: Iterable[Any], body: Callable[[Any], bool]) -> bool:
    """Return whether a truth that may fail holds for an item; true where it is true for one."""
    return _joined(map(partial, repeat(body), items), decides=True)


def one(items: Iterable[Any], body: Callable[[Any], bool]) -> bool:
    """Return whether a truth holds for exactly one item."""
    return sum(map(body, items)) == 1


def same(left: Any, right: Any) -> bool:
    """Return whether two values are equal: numbers by value, and nothing equals what is of another type."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return type(left) is type(right) and bool(left == right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if _is_list(left) and _is_list(right):
        return len(left) == len(right) and all(map(same, left, right))
    if left is OPAQUE and right is OPAQUE:
        raise TypeError
    return bool(left == right)


def among(value: Any, items: Iterable[Any]) -> bool:
    """Return whether a list holds a value."""
    return any(same(value, item) for item in items)


def within(value: Any, held: Any) -> bool:
    """Return whether a list holds a value, or a map a key."""
    return among(value, items(held))


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return an ordering of two numbers or two strings that raises TypeError for all else."""

    def order(left: Any, right: Any) -> bool:
        if isinstance(left, str) is not isinstance(right, str) or not (_ordinal(left) and _ordinal(right)):
            raise TypeError
        return compare(left, right)

    return order


def whole(number: int) -> int:
    """Return an int of 64 bits; raise OverflowError for a larger one."""
    if _LEAST <= number <= _MOST:
        return number
    raise OverflowError


def finite(number: float) -> float:
    """Return a double; raise OverflowError where it is infinite or no number: such have no JSON."""
    if math.isfinite(number):
        return number
    raise OverflowError


def quotient(left: int, right: int) -> int:
    """Return an int divided by another, towards zero."""
    found = abs(left) // abs(right)
    return whole(found if (left < 0) is (right < 0) else -found)


def remainder(left: int, right: int) -> int:
    """Return what is left of a division towards zero; it has the sign of the dividend."""
    found = abs(left) % abs(right)
    return -found if left < 0 else found


def member(held: Any, key: str | int) -> Any:
    """Return a field of a custom map, null where it has none, or an item of a custom list."""
    if isinstance(held, Mapping) and isinstance(key, str):
        return held.get(key)
    if _is_list(held) and isinstance(key, int):
        return place(held, key)
    raise TypeError


def place(held: Sequence[Any], number: int) -> Any:
    """Return an item of a list; raise IndexError where there is none."""
    if number < 0:
        raise IndexError
    return held[number]


def items(held: Any) -> Iterable[Any]:
    """Return the items of a custom list, or the keys of a custom map."""
    if _is_list(held) or isinstance(held, Mapping):
        return held  # type: ignore[no-any-return]  # both are
    raise TypeError


def size(held: Any) -> int:
    """Return the size of a custom string, list or map."""
    if isinstance(held, str | Mapping) or _is_list(held):
        return len(held)
    raise TypeError


def string(value: Any) -> str:
    """Return a custom string; raise TypeError where it is none."""
    if isinstance(value, str):
        return value
    raise TypeError


def lower_ascii(text: str) -> str:
    """Return a text with A to Z as a to z, and nothing else changed."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def told(value: Any) -> str:
    """Return an early value as JSON; of a custom list or map only that it is one."""
    return _OPAQUE if isinstance(value, Mapping) or _is_list(value) else msgspec.json.encode(value).decode()


def heard(text: str) -> Any:
    """Return an early value out of its JSON; MISSING where it could not be said, or is no JSON."""
    if text == _OPAQUE:
        return OPAQUE
    try:
        return msgspec.json.decode(text) if text else MISSING
    except msgspec.DecodeError:
        return MISSING


def _joined(operands: Iterable[Callable[[], bool]], *, decides: bool) -> bool:
    failure: Exception | None = None
    for operand in operands:
        try:
            if operand() is decides:
                return decides
        except ERRORS as error:
            failure = error
    if failure is not None:
        raise failure
    return not decides


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _ordinal(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, _NUMBERS) and not isinstance(value, bool))


# Under these names compiled conditions find them.
NAMES: Final[Mapping[str, Any]] = {
    "MISSING": MISSING,
    "ERRORS": ERRORS,
    "cannot": cannot,
    "conjunction": conjunction,
    "disjunction": disjunction,
    "every": every,
    "some": some,
    "one": one,
    "same": same,
    "among": among,
    "within": within,
    "order_lt": ordered(operator.lt),
    "order_le": ordered(operator.le),
    "order_gt": ordered(operator.gt),
    "order_ge": ordered(operator.ge),
    "whole": whole,
    "finite": finite,
    "quotient": quotient,
    "remainder": remainder,
    "member": member,
    "place": place,
    "items": items,
    "size": size,
    "string": string,
    "lower_ascii": lower_ascii,
    "told": told,
    "heard": heard,
    "truth": {"true": True, "false": False}.get,
    "any": any,
    "all": all,
    "len": len,
}
