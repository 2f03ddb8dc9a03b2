"""Webhooks as a policy writes them."""

from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from streams.core.duration import duration_ms
from streams.core.effect_config import EffectConfig

MOST_SECRETS: Final = 4  # one in use, one that follows it, and some to spare


def _whole(url: str) -> str:
    """Return an address with a host, without name and password; raise ValueError for any other."""
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0:  # urlsplit raises ValueError for a port that is none
        raise ValueError("must name a host")
    if "@" in parts.netloc:
        raise ValueError("must hold no name and password: whoever receives it verifies the signature")
    if parts.fragment or "#" in url:
        raise ValueError("must have no fragment: it is never sent")
    return url


class WebhookEffect(EffectConfig):
    """Every decision posted as a signed CloudEvent."""

    sink: Literal["webhook"]
    work: Literal["post"] = "post"
    url: Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=2048), AfterValidator(_whole)]
    # Each holds one secret `whsec_BASE64`; a request is signed with all of them, so that one can follow another.
    secret_files: list[Annotated[str, Field(pattern=r"^/[^\n]*$", max_length=1024)]] = Field(
        min_length=1, max_length=MOST_SECRETS
    )
    include_masked: bool = False  # whether the masked text, the only text in a decision, is sent
    allow_private: bool = False  # whether the host may be in a private network: the setting webhook_hosts names it, too
    timeout: str = Field(default="10s", pattern=r"^([1-9][0-9]{2,4}ms|[1-9]s|[1-5][0-9]s)$")  # of one request

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.allow_private and not self.url.startswith("https://"):
            raise ValueError("url: must be https; within a private network (allow_private) http will do")
        return self

    def target(self) -> dict[str, str]:
        """Return the address, the files of secrets one a line, and how it is sent."""
        return {
            "url": self.url,
            "secret_files": "\n".join(self.secret_files),
            "timeout_ms": str(duration_ms(self.timeout)),
            **({"include_masked": "true"} if self.include_masked else {}),
            **({"allow_private": "true"} if self.allow_private else {}),
        }
