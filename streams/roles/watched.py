"""The breakers of a worker's rules, as the settings have them."""

from collections.abc import Callable

from streams.agents.watching import Watching
from streams.core.runaway import Bounds, Runaway
from streams.core.trigger_share import Spans
from streams.metrics import Metrics
from streams.settings import Settings


def watched(settings: Settings, metrics: Metrics, changed: Callable[[], None]) -> Watching:
    """Return what watches the rules of one worker; `changed` is called when one falls or acts again."""
    spans = Spans(
        window_ms=int(settings.runaway_window * 1000),
        window_judged=settings.runaway_judged,
        baseline_ms=int(settings.runaway_baseline * 1000),
        baseline_judged=settings.runaway_baseline_judged,
    )
    bounds = Bounds(
        spans=spans,
        triggered=settings.runaway_triggered,
        factor=settings.runaway_factor,
        floor=settings.runaway_floor,
        new_rule_share=settings.runaway_new_rule_share,
        hold_ms=int(settings.runaway_hold * 1000),
    )
    return Watching(Runaway(bounds), metrics, changed)
