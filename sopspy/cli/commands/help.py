"""`sopspy help [COMMAND]`, `--help`, `-h` and `sopspy` alone. Must not do anything but print."""

from __future__ import annotations

from ...errors import UsageError
from ..spec import COMMANDS, LEGACY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

_UNKNOWN_TOPIC, _NO_COMMAND = 3, 100
"""sops' own codes."""


def run(request: Request) -> int:
    """Print help. Exit 100 when it was not asked for: a script whose file name is empty has to notice.

    Raises UsageError with exit code 3 for an unknown topic.
    """
    topic = request.positionals[0] if request.positionals else ""
    if topic and topic not in (*COMMANDS, LEGACY.name):
        raise UsageError(f'no help for "{topic}"', hint="all commands: sopspy help", exit_code=_UNKNOWN_TOPIC)
    from ..app import show_help

    show_help(topic)
    return 0 if request.flag("help") else _NO_COMMAND
