"""Alerts on a topic of SNS as a policy writes them."""

from typing import Final, Literal

from pydantic import Field

from streams.core.effect_config import EffectConfig
from streams.core.link_form import LinkForm

TOPIC: Final = r"^arn:aws[a-z-]*:sns:[a-z]{2}(-[a-z]+)+-[0-9]:[0-9]{12}:[A-Za-z0-9_-]{1,250}(\.fifo)?$"


class SnsEffect(EffectConfig):
    """An alert for each decision: ids and names, never what anybody wrote. The region is that of the topic."""

    sink: Literal["sns"]
    work: Literal["notify"] = "notify"
    topic_arn: str = Field(pattern=TOPIC)
    format: Literal["json", "text"] = "json"
    link: LinkForm | None = None  # where a person looks at it

    def target(self) -> dict[str, str]:
        """Return topic, format and link."""
        link = {} if self.link is None else {"link": self.link}
        return {"topic_arn": self.topic_arn, "format": self.format, **link}
