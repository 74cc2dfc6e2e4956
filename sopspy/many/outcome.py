"""What became of one file of many."""

from __future__ import annotations

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DONE, SKIPPED, FAILED = "done", "skipped", "failed"


class Outcome:
    """One file: `path` as the user or the walk named it, `target` where the result went ("" for nowhere).

    `status` is DONE, SKIPPED (with the reason in `note`) or FAILED (with `error`). `warnings` are lines for the user.
    `data` is the result where it goes to no file.
    """

    __slots__ = ("data", "error", "note", "path", "status", "target", "warnings")

    def __init__(self, path: str, status: str = DONE, *, target: str = "", note: str = "") -> None:
        self.path = path
        self.status = status
        self.target = target
        self.note = note
        self.data = b""
        self.error: SopsError | None = None
        self.warnings: list[str] = []

    def __repr__(self) -> str:
        return f"Outcome({self.path!r}, {self.status})"

    def dump(self) -> tuple[Any, ...]:
        """Plain data, for the way from one process to another."""
        error = _dump_error(self.error)
        return self.path, self.status, self.target, self.note, self.data, self.warnings, error


def failed(path: str, error: SopsError) -> Outcome:
    """A file that could not be worked on."""
    outcome = Outcome(path, FAILED)
    outcome.error = error.named(path)
    return outcome


def load(data: tuple[Any, ...]) -> Outcome:
    """The outcome that `dump` was made of."""
    path, status, target, note, result, warnings, error = data
    outcome = Outcome(path, status, target=target, note=note)
    outcome.data = result
    outcome.warnings = list(warnings)
    if error is not None:
        message, hints, file, line, column, at, excerpt, caret, details, code = error
        outcome.error = SopsError(message, hint=hints, file=file, line=line, column=column, path=at)
        outcome.error.excerpt, outcome.error.caret = excerpt, caret
        outcome.error.details, outcome.error.exit_code = details, code
    return outcome


def _dump_error(err: SopsError | None) -> tuple[Any, ...] | None:
    if err is None:
        return None
    place = (err.file, err.line, err.column, err.path, err.excerpt, err.caret)
    return (err.message, err.hints, *place, err.details, err.exit_code)
