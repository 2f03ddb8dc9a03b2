import pytest

from streams.core.link import links


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("https://shop.example/a?b=1#c", "https://shop.example/a?b=1#c"),
        ("HTTPS://SHOP.EXAMPLE/Win", "https://shop.example/Win"),
        ("https://shop.example", "https://shop.example/"),
        ("https://bank.com@shop.example/x", "https://shop.example/x"),
        (r"MEBKM:TITLE:x;URL:http\://shop.example/p;;", "http://shop.example/p"),
        ("see https://shop.example/x.", "https://shop.example/x"),
        ("https:\\\\shop.example\\x", "https://shop.example/x"),
        ("shop.example/win", "http://shop.example/win"),
        ("Shop.Example", "http://shop.example/"),
        ("https://shop.example:8443/", "https://shop.example:8443/"),
    ],
)
def test_every_spelling_of_a_link_is_found_in_plain_form(text: str, plain: str) -> None:
    assert plain in links(text)


@pytest.mark.parametrize("text", ["", "hello", "3.14", "me@shop.example", "WIFI:S:cafe;P:secret;;", "no links. Here"])
def test_what_is_no_link_gives_none(text: str) -> None:
    assert links(text) == ()


@pytest.mark.parametrize("text", ["https://[shop.example/", "https://shop.example:99999/x"])
def test_a_broken_link_is_kept_as_written(text: str) -> None:
    assert links(text) == (text,)


def test_several_links_are_all_found() -> None:
    found = links("http://one.example/ and https://two.example/x")
    assert found == ("http://one.example/", "https://two.example/x")
