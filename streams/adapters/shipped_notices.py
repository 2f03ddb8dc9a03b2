"""The notices that are shipped: what authors are told where a policy has no sentences of its own."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from streams.adapters.strict_yaml import parsed
from streams.core.notices import Notices

FILE: Final = Path(__file__).parent.parent / "policies" / "notices.yaml"


@cache
def shipped_notices() -> Notices:
    """Return locale -> label, or `default` -> sentence, as `streams/policies/notices.yaml` has them."""
    notices: dict[str, Any] = parsed(FILE.read_text("utf-8"))
    return notices
