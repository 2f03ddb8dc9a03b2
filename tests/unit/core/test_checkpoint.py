from streams.core.audit import GENESIS
from streams.core.checkpoint import Checkpoint, Signed, last_of, signed, unlinked


def made(*numbers: int, chain: str = "acts") -> list[Signed]:
    found: list[Signed] = []
    for number in numbers:
        one = Checkpoint(
            chain=chain,
            seq=number,
            hash=f"{number:064x}",
            at=1000 * number,
            key_id="00" * 8,
            previous=found[-1].digest() if found else GENESIS,
        )
        found.append(signed(one, bytes(64)))
    return found


def test_what_is_signed_is_the_checkpoint_without_its_signature() -> None:
    (one,) = made(7)

    assert one.payload() == (
        b'{"at":7000,"chain":"acts","hash":"' + b"0" * 63 + b'7","key_id":"0000000000000000",'
        b'"previous":"' + GENESIS.encode() + b'","seq":7}'
    )


def test_a_checkpoint_that_was_taken_out_is_missed_by_the_next() -> None:
    first, second, third = made(3, 5, 9)

    assert unlinked([third, first, second]) is None
    assert unlinked([first, third]) == third
    assert unlinked([second, third]) == second
    assert unlinked([first, second]) is None  # whoever cuts all of the end needs the place where they are locked
    assert unlinked([]) is None


def test_two_signers_that_followed_the_same_checkpoint_leave_none_out() -> None:
    first, second = made(3, 5)
    other = signed(
        Checkpoint(chain="acts", seq=6, hash="6" * 64, at=1, key_id="00" * 8, previous=first.digest()), bytes(64)
    )

    assert unlinked([first, second, other]) is None


def test_the_last_of_a_chain_has_the_highest_number() -> None:
    acts, accounts = made(3, 5), made(8, chain="accounts")

    assert last_of([*accounts, *reversed(acts)], "acts") == acts[-1]
    assert last_of(acts, "accounts") is None
