"""Effects on stored objects as a policy writes them: keep, tag, quarantine, delete what was judged."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from streams.core.effect_config import EffectConfig

TAG_PREFIX: Final = "tag:"  # in a target, before the name of a tag
OWN_TAGS: Final = 5  # beside `moderation` itself; S3 allows ten tags, and some are the object's own

# What S3 allows in tags.
TagName = Annotated[str, Field(pattern=r"^[A-Za-z0-9+=._:/@ -]{1,100}$")]
TagValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9+=._:/@ -]{0,256}$")]


class S3Effect(EffectConfig):
    """What happens to the objects of a decision; those that are not in S3 are left alone."""

    sink: Literal["s3"]
    work: Literal["keep", "tag", "quarantine", "delete"]
    # Of `quarantine`: where copies go. The bucket must not be one whose objects are judged.
    bucket: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9._=-]+/)*$", max_length=200)
    # Of `tag` and `quarantine`: beside `moderation: ACTION`; each is written as `moderation:NAME`.
    tags: dict[TagName, TagValue] = Field(default={}, max_length=OWN_TAGS)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.work == "quarantine" and self.bucket is None:
            raise ValueError("bucket: quarantine needs the bucket that copies go to")
        if self.work != "quarantine" and (self.bucket is not None or self.prefix):
            raise ValueError(f"bucket: {self.work} copies nothing: only quarantine has bucket and prefix")
        if self.tags and self.work not in {"tag", "quarantine"}:
            raise ValueError(f"tags: {self.work} leaves no tags")
        return self

    def target(self) -> dict[str, str]:
        """Return bucket, prefix and tags."""
        place = {} if self.bucket is None else {"bucket": self.bucket, "prefix": self.prefix}
        return place | {TAG_PREFIX + name: value for name, value in self.tags.items()}
