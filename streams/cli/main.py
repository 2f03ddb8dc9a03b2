"""The command `moderation`: a word in, one subcommand run, an exit code out.

A subcommand's module is imported when it is called, and not before: help is instant, and a package that one
command lacks does not break the others.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import click

from streams import __version__
from streams.cli.failure import BROKEN_PIPE, INTERRUPTED, explained

# name -> (module and attribute, what it does in one line)
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("streams.cli.demo:demo", "A real Kafka, S3, all workers and a sample feed, on this machine."),
    "check": ("streams.cli.check:check", "Judge records from standard input, without Kafka."),
    "worker": ("streams.cli.worker:worker", "Run the workers of one role, or of all."),
    "send": ("streams.cli.send:send", "Put JSON lines on a topic."),
    "upload": ("streams.cli.upload:upload", "Store pictures and videos to be judged, or give a page addresses to."),
    "watch": ("streams.cli.watch:watch", "Print decisions as they come."),
    "outcomes": ("streams.cli.outcomes:outcomes", "Print what executors did about decisions."),
    "topics": ("streams.cli.topics:topics", "List, create and check the topics."),
    "policy": ("streams.cli.policy:policy", "Check policy files, suggest thresholds of semantic filters."),
    "user": ("streams.cli.user:user", "Show what lies upon a user, restrict and release him."),
    "review": ("streams.cli.review:review", "Serve the review pages; look at items and rule on them."),
    "audit": ("streams.cli.audit:audit", "Verify and export the audit log of the review service."),
    "models": ("streams.cli.models:models", "Train the heads of the text model, or show the shipped ones."),
    "eval": ("streams.cli.eval:evaluate", "Measure a policy on labelled texts."),
    "broker": ("streams.cli.broker:broker", "Run a real Apache Kafka for trying things out, without a container."),
}


class Commands(click.Group):
    """The subcommands of the table, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one subcommand; None for a name that the table does not know."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; a reader that went away ends it quietly."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still buffered has no reader: without this the interpreter complains about it at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(BROKEN_PIPE)
        except Exception as error:
            if ctx.params.get("traceback") and not isinstance(error, click.exceptions.Exit | click.ClickException):
                traceback.print_exc()
            raise
        return result


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Settings are environment variables, MODERATION_*: see `streams/settings.py`. "
    "Exit codes: 0 done, 1 something was not in order, 2 wrong usage, 69 Kafka does not answer, 70 a defect, "
    "74 a file cannot be read, 78 settings, policy or installation, 130 interrupted.",
)
@click.version_option(__version__, prog_name="moderation", message="%(prog)s %(version)s")
@click.option("--traceback", is_flag=True, help="Show where an error arose; it may show content.")
def cli(traceback: bool) -> None:
    """Judge what users write and upload, in real time, on Apache Kafka."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every error is one line on standard error."""
    try:
        result = cli.main(args=arguments, prog_name="moderation", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the end of the program: one line for every error
        line, code = explained(error)
        print(f"moderation: {line}", file=sys.stderr)
        return code
    return result if isinstance(result, int) else 0


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run())
