"""`moderation policy`: policy files in, one line each out, or all that is wrong with them; thresholds of filters."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from streams.cli.backtest import backtest
from streams.cli.failure import FAILED
from streams.cli.policy_apply import apply, retire, rollback
from streams.cli.policy_diff import diff, show
from streams.cli.policy_schema import schema
from streams.cli.policy_status import history, release, status
from streams.cli.suggest_threshold import suggest_threshold

if TYPE_CHECKING:
    from streams.adapters.policies import Loaded

SAMPLE: Final = Path(__file__).parent.parent / "policies" / "benign.txt"
MOST_SAMPLES: Final = 100_000  # lines of a sample that are tried


@click.group()
def policy() -> None:
    """Check policies and put them in force; see what is in force where, and what was."""


for command in (suggest_threshold, apply, status, diff, show, history, rollback, retire, release, backtest, schema):
    policy.add_command(command)


@policy.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each file.")
@click.option(
    "--sample",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SAMPLE,
    help="Harmless texts, one a line: rules that find something in more than a fifth of them are called over-broad.",
)
def check(files: tuple[Path, ...], as_json: bool, sample: Path) -> None:
    """Say of each policy file that it holds, or all that is wrong with it; exit code 1 when one does not hold."""
    texts = sample.read_text(encoding="utf-8", errors="replace").splitlines()[:MOST_SAMPLES]
    results = [checked(file, texts) for file in files]
    if as_json:
        print(msgspec.json.encode(results).decode())
    else:
        for result in results:
            _show(result)
    if not all(result["ok"] for result in results):
        click.get_current_context().exit(FAILED)


def checked(file: Path, texts: list[str]) -> dict[str, Any]:
    """Return what is to be said of one policy file."""
    from streams.adapters.policies import PolicyErrors, load

    try:
        loaded = load(file)
    except PolicyErrors as errors:
        return {"file": str(file), "ok": False, "errors": errors.errors, "warnings": ()}
    return {
        "file": str(file),
        "ok": True,
        "id": loaded.policy.ref.id,
        "version": loaded.policy.ref.version,
        "engines": len(loaded.engines) + len(loaded.apart) + len(loaded.pictures) + len(loaded.jobs),
        "rules": len(set(loaded.policy.rules.values())),  # those for texts hold for what media engines read, too
        "errors": (),
        "warnings": (*loaded.warnings, *_broad(file, loaded, texts)),
    }


def _broad(file: Path, loaded: "Loaded", texts: list[str]) -> list[str]:
    from streams.core.breadth import BROAD, breadth, inspected, whole

    answers = inspected(loaded.engines, texts)
    of, much = f"of {len(texts)} harmless texts", whole(loaded.policy, answers, texts)
    doubts = [
        f"engines.{engine.name}: {rule}: matches {share:.0%} {of}: narrow it"
        for engine in loaded.engines
        for rule, share in breadth(engine, answers.get(engine.name, [])).items()
        if share > BROAD
    ]
    doubts += [
        f"rules: {rule}: holds of {share:.0%} {of}: narrow it" for rule, share in much.rules.items() if share > BROAD
    ]
    doubts += [
        f"rules: {rule}: when: cannot be said of {share:.0%} {of}: guard what may be missing"
        for rule, share in much.unsaid.items()
    ]
    if much.held > BROAD:
        doubts.append(f"holds back {much.held:.0%} {of}: hardly anybody could write, see which rules do it")
    return [f"{file.name}: {doubt}" for doubt in doubts]


def _show(result: dict[str, Any]) -> None:
    for line in result["errors"]:
        click.secho(f"error  {line}", fg="red")
    if result["ok"]:
        counts = f"{result['engines']} engines, {result['rules']} rules"
        print(f"ok  {result['id']} {result['version']}  {counts}")
    for line in result["warnings"]:
        click.secho(f"warning  {line}", fg="yellow")
