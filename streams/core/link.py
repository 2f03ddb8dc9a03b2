"""Links: a text in, the web addresses in it out, spelled so that one pattern meets every way to write them."""

import re
from typing import Final
from urllib.parse import urlsplit

# An address with its scheme; a trailing bracket, quote or full stop belongs to the sentence around it.
_WITH_SCHEME: Final = re.compile(r"""(?i)\b(https?:[/\\]{2}[^\s<>"'`]+)""")
# A text that is nothing but a host with a path: what scanners open although no scheme is written.
_BARE: Final = re.compile(r"(?i)(?:[\w-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#]\S*)?")
_SENTENCE: Final = ".,;:!?)]}"


def links(text: str) -> tuple[str, ...]:
    r"""Return every web address in a text, each as written and in its plain spelling, without repeats.

    Plain: scheme and host in lower case, no user name, `/` for an empty path, `http://` in front of a bare host.
    The escapes of bookmark codes (`URL:http\://…`) are undone.
    """
    unescaped = re.sub(r"\\([:;,])", r"\1", text)
    found = [match[1].rstrip(_SENTENCE) for match in _WITH_SCHEME.finditer(unescaped)]
    if not found and _BARE.fullmatch(unescaped.strip()):
        found = [f"http://{unescaped.strip()}"]
    return tuple(dict.fromkeys(spelling for link in found for spelling in (link, _plain(link))))


def _plain(link: str) -> str:
    try:
        parts = urlsplit(link.replace("\\", "/"))
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # an unclosed bracket, a port out of range
        return link
    return parts._replace(netloc=host + port, path=parts.path or "/").geturl()
