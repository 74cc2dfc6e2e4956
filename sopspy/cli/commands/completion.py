"""`sopspy completion bash|zsh|fish`: a script for the shell, and the names that the scripts of sops ask for."""

from __future__ import annotations

from ... import cli
from ...errors import UsageError
from ..parse import LIST_COMMANDS
from ..spec import COMMANDS
from . import write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

_UNKNOWN_SHELL = 3
"""sops' own code."""


def run(request: Request) -> int:
    """Print a script, or the help when no shell is named. Raises UsageError for an unknown one."""
    wanted = request.positionals[:1]
    if wanted == [LIST_COMMANDS]:
        write_stdout("".join(f"{name}\n" for name in _words(request.positionals[1:])).encode())
        return 0
    if not wanted:
        from ..app import show_help

        show_help(request.command)
        return 0
    known = COMMANDS["completion"].arguments[0].choices
    if wanted[0] not in known:
        raise UsageError(
            f'no completion for "{wanted[0]}"', hint=f"there is one for {', '.join(known)}", exit_code=_UNKNOWN_SHELL
        )
    module = __import__(f"sopspy.cli.shells.{wanted[0]}", fromlist=("script",))
    write_stdout(module.script(cli.program).encode())
    return 0


def _words(line: list[str]) -> tuple[str, ...]:
    """What may follow the words of a line: the commands, or what the command takes."""
    command = next((COMMANDS[word] for word in line if word in COMMANDS), None)
    if command is None:
        return (*COMMANDS, "h")
    return command.arguments[0].choices if command.arguments else ()
