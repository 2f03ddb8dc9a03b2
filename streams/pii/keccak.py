"""Keccak-256 as Ethereum uses it; the standard library has only SHA-3, which pads in another way."""

from typing import Final

_MASK: Final = (1 << 64) - 1
_RATE: Final = 136  # bytes: 1600 - 2 x 256 bits
_ROUNDS: Final = 24


def _constants() -> tuple[int, ...]:
    """Return the round constants from their shift register (FIPS 202, 3.2.5)."""
    register, constants = 1, []
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            constant |= (register & 1) << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        constants.append(constant)
    return tuple(constants)


_CONSTANTS: Final = _constants()


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK if by else lane


def _permuted(state: list[int]) -> list[int]:
    """Return 25 lanes, lane x + 5y, after the 24 rounds of Keccak-f[1600]."""
    for constant in _CONSTANTS:
        columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        state = [lane ^ mixed[place % 5] for place, lane in enumerate(state)]
        x, y, moving = 1, 0, state[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            place = x + 5 * y
            moving, state[place] = state[place], _turned(moving, (step + 1) * (step + 2) // 2 % 64)
        state = [
            state[5 * y + x] ^ (~state[5 * y + (x + 1) % 5] & _MASK & state[5 * y + (x + 2) % 5])
            for y in range(5)
            for x in range(5)
        ]
        state[0] ^= constant
    return state


def keccak_256(data: bytes) -> bytes:
    """Return the 32 bytes of the digest."""
    padded = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % _RATE)
    padded[-1] |= 0x80
    state = [0] * 25
    for block in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            place = block + 8 * lane
            state[lane] ^= int.from_bytes(padded[place : place + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])
