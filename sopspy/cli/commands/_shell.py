"""What `exec-env` and `exec-file` share: their two words, the user to become, and what the end of the child means.

Source of the exit codes and messages: sops 3.13.2.
"""

from __future__ import annotations

from ...errors import UsageError
from ...files import child
from . import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def words_of(request: Request) -> tuple[str, str]:
    """The file and the command. Raises UsageError."""
    if len(request.positionals) != 2:
        raise UsageError(
            "missing file to decrypt, or missing command" if len(request.positionals) < 2 else "too many words",
            hint=f"the command is one word, in quotes: sopspy {request.command} FILE 'COMMAND'",
        )
    path, command = request.positionals
    request.subject = path
    return path, command


def warn_background(request: Request) -> None:
    """Tell that an option is going away."""
    if request.flag("background"):
        warn(request, f"{request.command}'s --background option is deprecated and will be removed in a future version")


def inherited(request: Request) -> dict[bytes, bytes]:
    """The variables around the file's own; becomes the user of `--user`, so the file must be open by now."""
    if request.text("user"):
        _load()
    environ = {} if request.flag("pristine") else child.environment(request.environ)
    return {**environ, **(child.switch_user(request.text("user")) if request.text("user") else {})}


def _load() -> None:
    """Load what is needed later: another user may not be able to read where we are installed."""
    import resource  # noqa: F401
    import signal  # noqa: F401
    import subprocess  # noqa: F401
    import traceback  # noqa: F401

    from ...files import feed, interrupts  # noqa: F401
    from .. import report  # noqa: F401


def exit_code(request: Request, status: int) -> int:
    """The exit code for the child's status, which is told as sops does."""
    from .. import report

    if status == 0:
        return 0
    if status > 0:
        report.show_line(f"exit status {status}")
        return status
    import signal

    report.show_line(f"signal: {(signal.strsignal(-status) or str(-status)).lower()}")
    return child.SIGNALED
