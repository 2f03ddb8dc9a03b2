import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from streams.adapters.https import Https
from streams.adapters.pinned import is_public
from streams.adapters.unreadable import Unreadable

HOST = "media.example"
USES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's and the client's side of a certificate for HOST."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        # what Python 3.13 asks of every authority
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(USES, critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(public + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=public.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return server, client


class Host:
    """A loopback server that counts connections and answers by path."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.answers: dict[str, bytes] = {}
        self.port = 0
        self.released = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request by its path."""
        self.connections += 1
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request)
            path = request.split()[1].decode()
            writer.write(self.answers.get(path, answered(404)))
            await writer.drain()
            if path == "/slow":
                await self.released.wait()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answered(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def served(tls_side: ssl.SSLContext | None) -> AsyncIterator[Host]:
    host = Host()
    server = await asyncio.start_server(host.answer, "127.0.0.1", 0, ssl=tls_side)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        host.released.set()
        server.close()
        await server.wait_closed()


@pytest.fixture
async def host(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> AsyncIterator[Host]:
    async for one in served(tls[0]):
        yield one


@pytest.fixture
async def counting() -> AsyncIterator[Host]:
    """Yield a server that must never be reached."""
    async for one in served(None):
        yield one


class Names:
    """A name server of our own, which counts its answers."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the next answer, the last one for ever."""
        assert host
        assert port
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


def reading(
    host: Host, tls: tuple[ssl.SSLContext, ssl.SSLContext], *, names: Names | None = None, timeout: float = 5.0
) -> Https:
    """Return a reader that may reach the loopback server under its name."""
    return Https(
        [f"{HOST}:{host.port}"],
        limit=1000,
        timeout=timeout,
        resolve=names or Names(["127.0.0.1"]),
        permitted=lambda address: address == "127.0.0.1",
        tls=tls[1],
    )


async def refused(https: Https, url: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        await https.read(url)
    return caught.value


TLS = tuple[ssl.SSLContext, ssl.SSLContext]


async def test_the_bytes_of_an_allowed_host_are_read(host: Host, tls: TLS) -> None:
    host.answers["/a/b.png?size=1"] = answered(200, b"bytes")
    assert await reading(host, tls).read(f"https://{HOST.upper()}:{host.port}/a/b.png?size=1#part") == b"bytes"
    (request,) = host.requests
    lines = request.decode().lower().split("\r\n")
    assert f"host: {HOST}:{host.port}" in lines
    assert "accept-encoding: identity" in lines
    assert not any(line.startswith(("cookie", "authorization")) for line in lines)


LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "0.0.0.0",  # noqa: S104  an address to refuse, none to bind
    "localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
]


@pytest.mark.parametrize("name", LOOPBACK)
async def test_no_spelling_of_a_private_address_is_reached_even_when_its_host_is_allowed(
    name: str, counting: Host
) -> None:
    https = Https([f"{name.strip('[]')}:{counting.port}"], limit=1000, timeout=5.0)
    error = await refused(https, f"https://{name}:{counting.port}/latest/meta-data")
    assert error.reason in {"address_not_allowed", "unreachable"}
    assert counting.connections == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://{host}/x", "not_https"),
        ("ftp://{host}/x", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("//{host}/x", "not_https"),
        ("", "not_https"),
        ("https://", "host_not_allowed"),
        ("https://evil.example/x", "host_not_allowed"),
        ("https://{name}.evil.example:{port}/x", "host_not_allowed"),
        ("https://evil.example\\@{host}/x", "invalid_location"),
        ("https://{host}\\@evil.example/x", "invalid_location"),
        ("https://user:secret@{host}/x", "invalid_location"),
        ("https://[::1/x", "invalid_location"),
        ("https://{name}:99999/x", "invalid_location"),
        ("https://{name}/x", "host_not_allowed"),
        ("https://127.0.0.1:{port}/x", "host_not_allowed"),
    ],
)
async def test_other_hosts_and_schemes_are_not_even_resolved(url: str, reason: str, host: Host, tls: TLS) -> None:
    names = Names(["127.0.0.1"])
    filled = url.format(host=f"{HOST}:{host.port}", name=HOST, port=host.port)
    assert (await refused(reading(host, tls, names=names), filled)).reason == reason
    assert (names.asked, host.connections) == (0, 0)


async def test_a_name_that_turns_private_between_check_and_connection_is_not_asked_again(host: Host, tls: TLS) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    host.answers["/x"] = answered(200, b"pinned")
    assert await reading(host, tls, names=names).read(f"https://{HOST}:{host.port}/x") == b"pinned"
    assert names.asked == 1


async def test_one_private_address_among_public_ones_is_enough_to_refuse(host: Host, tls: TLS) -> None:
    names = Names(["127.0.0.1", "10.0.0.1"])
    error = await refused(reading(host, tls, names=names), f"https://{HOST}:{host.port}/x")
    assert (error.reason, error.retryable, host.connections) == ("address_not_allowed", False, 0)


async def test_a_redirect_is_not_followed(host: Host, counting: Host, tls: TLS) -> None:
    host.answers["/x"] = answered(302, b"", f"Location: http://127.0.0.1:{counting.port}/")
    error = await refused(reading(host, tls), f"https://{HOST}:{host.port}/x")
    assert (error.reason, error.retryable, counting.connections) == ("redirected", False, 0)


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [
        (404, "object_not_found", False),
        (410, "object_not_found", False),
        (401, "access_denied", False),
        (403, "access_denied", False),
        (204, "refused", False),
        (418, "refused", False),
        (429, "unavailable", True),
        (500, "unavailable", True),
        (503, "unavailable", True),
    ],
)
async def test_other_answers_have_a_reason(status: int, reason: str, host: Host, tls: TLS, *, retryable: bool) -> None:
    host.answers["/x"] = answered(status)
    error = await refused(reading(host, tls), f"https://{HOST}:{host.port}/x")
    assert (error.reason, error.retryable) == (reason, retryable)


@pytest.mark.parametrize(
    "answer",
    [
        answered(200, b"x" * 1001),
        b"HTTP/1.1 200 X\r\nContent-Length: 20000000000\r\n\r\n",  # refused by its size: not one byte comes
        b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
    ],
)
async def test_no_more_than_the_limit_is_read_whatever_the_header_says(answer: bytes, host: Host, tls: TLS) -> None:
    host.answers["/x"] = answer
    assert (await refused(reading(host, tls), f"https://{HOST}:{host.port}/x")).reason == "too_large"


async def test_another_limit_may_be_named(host: Host, tls: TLS) -> None:
    host.answers["/x"] = answered(200, b"x" * 1001)
    assert len(await reading(host, tls).read(f"https://{HOST}:{host.port}/x", 1001)) == 1001


async def test_compressed_bytes_are_not_unpacked(host: Host, tls: TLS) -> None:
    host.answers["/x"] = answered(200, b"\x1f\x8b-bomb", "Content-Encoding: gzip")
    assert await reading(host, tls).read(f"https://{HOST}:{host.port}/x") == b"\x1f\x8b-bomb"


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\nshort", b"no HTTP at all\r\n\r\n"]
)
async def test_a_broken_answer_is_worth_another_try(answer: bytes, host: Host, tls: TLS) -> None:
    host.answers["/x"] = answer
    error = await refused(reading(host, tls), f"https://{HOST}:{host.port}/x")
    assert (error.reason, error.retryable) == ("unreachable", True)


async def test_a_host_that_dawdles_is_left(host: Host, tls: TLS) -> None:
    host.answers["/slow"] = b"HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\nx"
    error = await refused(reading(host, tls, timeout=0.3), f"https://{HOST}:{host.port}/slow")
    assert (error.reason, error.retryable) == ("timeout", True)


async def test_a_certificate_of_another_host_is_refused(host: Host, tls: TLS) -> None:
    https = Https(
        [f"other.example:{host.port}"],
        limit=1000,
        timeout=5.0,
        resolve=Names(["127.0.0.1"]),
        permitted=lambda _: True,
        tls=tls[1],
    )
    assert (await refused(https, f"https://other.example:{host.port}/x")).reason == "unreachable"
    assert host.requests == []


async def test_a_name_without_an_address_is_worth_another_try(host: Host, tls: TLS) -> None:
    error = await refused(reading(host, tls, names=Names([])), f"https://{HOST}:{host.port}/x")
    assert (error.reason, error.retryable) == ("unreachable", True)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  an address to refuse, none to bind
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "192.88.99.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::8.8.8.8",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "2002:808:808::1",
        "2001:0:808:808::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "no address",
        "",
    ],
)
def test_private_special_and_carrying_addresses_are_not(address: str) -> None:
    assert not is_public(address)
