import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from streams.adapters.complaints import complaints


class Change(BaseModel):
    """One entry of a mapping."""

    model_config = ConfigDict(extra="forbid")

    action: str = "flag"


class Changes(BaseModel):
    """A configuration with a mapping of models."""

    model_config = ConfigDict(extra="forbid")

    rules: dict[str, Change] = {}


@pytest.mark.parametrize(
    ("key", "meaning"),
    [("actoin", "unknown key: did you mean action?"), ("colour", "unknown key: one of action")],
)
def test_a_slip_below_a_key_of_a_mapping_is_told_with_what_would_be_right(key: str, meaning: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Changes.model_validate({"rules": {"prize": {key: "block"}}})

    assert list(complaints(caught.value, Changes)) == [(("rules", "prize", key), meaning)]
