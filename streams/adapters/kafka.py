"""How clients sign in at the brokers: settings in, options of librdkafka and of aiokafka out. Nothing here connects."""

import ssl
from typing import Any, Final

from streams.settings import Settings


class Misconfigured(ValueError):
    """The settings of the connection contradict each other; one line that names the setting."""

    exit_code: Final = 78  # EX_CONFIG of sysexits.h


def checked(settings: Settings) -> None:
    """Raise Misconfigured for SASL without TLS (unless allowed), without user or password, or a missing CA file."""
    protocol = settings.security_protocol
    if protocol == "SASL_PLAINTEXT" and not settings.allow_plaintext:
        raise Misconfigured(
            "SASL_PLAINTEXT sends the password unencrypted: "
            "set MODERATION_SECURITY_PROTOCOL=SASL_SSL, or MODERATION_ALLOW_PLAINTEXT=1 if the network is yours"
        )
    if protocol.startswith("SASL_"):
        missing = [
            f"MODERATION_{name.upper()}" for name in ("sasl_username", "sasl_password") if not getattr(settings, name)
        ]
        if missing:
            raise Misconfigured(f"{protocol} needs {' and '.join(missing)}")
    if settings.ssl_ca_file is not None and not settings.ssl_ca_file.is_file():
        raise Misconfigured(f"MODERATION_SSL_CA_FILE: there is no file {settings.ssl_ca_file}")


def connection(settings: Settings) -> dict[str, Any]:
    """Return the options of librdkafka clients; raise Misconfigured. The client's own log is off: errors are raised."""
    checked(settings)
    options: dict[str, Any] = {
        "bootstrap.servers": settings.bootstrap,
        "security.protocol": settings.security_protocol,
        "log_level": 0,
    }
    if settings.security_protocol.startswith("SASL_"):
        options["sasl.mechanism"] = settings.sasl_mechanism
        options["sasl.username"] = settings.sasl_username
        options["sasl.password"] = _password(settings)
    if settings.security_protocol.endswith("SSL"):
        options["ssl.endpoint.identification.algorithm"] = "https"
        if settings.ssl_ca_file is not None:
            options["ssl.ca.location"] = str(settings.ssl_ca_file)
    return options


def aiokafka_connection(settings: Settings) -> dict[str, Any]:
    """Return how aiokafka clients sign in, without the brokers' addresses; raise Misconfigured."""
    checked(settings)
    options: dict[str, Any] = {"security_protocol": settings.security_protocol}
    if settings.security_protocol.startswith("SASL_"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = _password(settings)
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = _context(settings)
    return options


def _password(settings: Settings) -> str:
    return settings.sasl_password.get_secret_value() if settings.sasl_password else ""


def _context(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ssl_ca_file)
    except ssl.SSLError:
        raise Misconfigured(f"MODERATION_SSL_CA_FILE: {settings.ssl_ca_file} holds no PEM certificates") from None
