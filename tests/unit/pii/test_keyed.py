import hashlib
import hmac

from streams.pii.keyed import Key, normalised

SECRET = b"0123456789abcdef"


def test_a_hash_is_the_hmac_of_the_value_behind_the_name_of_the_key() -> None:
    text = "mail jane@example.com"

    assert Key(SECRET, "k1").hashed("email", text, (5, 21)) == (
        "k1:" + hmac.new(SECRET, b"jane@example.com", hashlib.sha256).hexdigest()
    )


def test_one_value_has_one_spelling() -> None:
    assert normalised("card", "4111-1111 1111.1111") == "4111111111111111"
    assert normalised("iban", "gb82 west") == "GB82WEST"
    assert normalised("email", "Jane (at) example dot com") == "jane@example.com"
    assert normalised("address", "12  Main\nSt") == "12 main st"
    assert normalised("wallet", "1aB") == "1aB"


def test_another_key_gives_another_hash() -> None:
    one, other = Key(SECRET, "k"), Key(SECRET[::-1], "k")

    assert one.hashed("phone", "1", (0, 1)) != other.hashed("phone", "1", (0, 1))


def test_repr_hides_the_secret() -> None:
    assert repr(Key(SECRET, "k1")) == "Key(k1)"


def test_a_lone_surrogate_is_hashed_like_any_character() -> None:
    assert Key(SECRET, "k").hashed("email", "\ud800", (0, 1)).startswith("k:")
