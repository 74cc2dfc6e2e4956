"""What the completion of every shell needs to know, from the table of `spec`. One module for each shell stands beside.

Their scripts are static: a shell completes without starting a Python. Each has `script(name)` for the program's name.
"""

from __future__ import annotations

from ...formats.base import NAMES
from ...keys.table import MODULES
from ..spec import COMMANDS, FLAG, LEGACY, Command, Option

FILES = ("<files>",)
"""Stands for the names of files."""

RECORDS = {**COMMANDS, LEGACY.name: LEGACY}
"""All records by name; the last is that of a line without a command."""

_WORDS = {"FILE": FILES, "TYPE": tuple(NAMES), "KINDS": tuple(MODULES)}


def values(option: Option) -> tuple[str, ...] | None:
    """What may follow an option: None for a flag, `FILES`, words, or nothing that is known."""
    return None if option.kind == FLAG else _WORDS.get(option.metavar, ())


def arguments(command: Command) -> tuple[str, ...]:
    """What a command's first positional may be: `FILES`, words, or nothing."""
    if not command.arguments:
        return ()
    first = command.arguments[0]
    if first.choices:
        return first.choices
    return tuple(COMMANDS) if first.name == "COMMAND" else FILES


def names(command: Command, *, valued: bool = False) -> list[str]:
    """The names of all options of a command, or of those that take a value."""
    return [name for option in command.options if not valued or option.kind != FLAG for name in option.names]
