"""Records in a table of DynamoDB as a policy writes them."""

from typing import Literal

from pydantic import Field

from streams.core.duration import duration_ms
from streams.core.effect_config import EffectConfig


class DynamoDbEffect(EffectConfig):
    """Every decision as an item, and the latest one of its content."""

    sink: Literal["dynamodb"]
    work: Literal["record"] = "record"
    table: str = Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")
    region: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")  # the setting's without it
    keep: str = Field(default="90d", pattern=r"^[1-9][0-9]{0,3}[hd]$")  # then DynamoDB's time to live removes it
    include_masked: bool = False  # whether items hold the masked text, the only text in a decision

    def target(self) -> dict[str, str]:
        """Return table, region, time and whether the masked text is kept."""
        return {
            "table": self.table,
            "keep_ms": str(duration_ms(self.keep)),
            **({} if self.region is None else {"region": self.region}),
            **({"include_masked": "true"} if self.include_masked else {}),
        }
