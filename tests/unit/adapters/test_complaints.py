from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class Near(BaseModel):
    """One of two shapes."""

    model_config = ConfigDict(extra="forbid")

    shape: Literal["near"]
    distance: int = 0


class Far(BaseModel):
    """The other one."""

    model_config = ConfigDict(extra="forbid")

    shape: Literal["far"]
    country: str = ""


class Shapes(BaseModel):
    """A configuration with a list of either."""

    listed: list[Annotated[Near | Far, Field(discriminator="shape")]]


@pytest.mark.parametrize(
    ("written", "where", "meaning"),
    [
        ({"shape": "far", "contry": "x"}, ("listed", 0, "far", "contry"), "unknown key: did you mean country?"),
        ({"shape": "near", "x": 1}, ("listed", 0, "near", "x"), "unknown key: one of shape, distance"),
        ({"shape": "wide"}, ("listed", 0), "shape: 'wide' is none of 'near', 'far'"),
        ({"distance": 1}, ("listed", 0), "shape: is missing"),
    ],
)
def test_a_slip_in_one_of_several_shapes_is_told_by_the_keys_of_that_shape(
    written: dict[str, object], where: tuple[int | str, ...], meaning: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Shapes.model_validate({"listed": [written]})

    assert list(complaints(caught.value, Shapes)) == [(where, meaning)]
