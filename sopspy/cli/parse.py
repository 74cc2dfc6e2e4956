"""The only reader of command lines: arguments and environment in, a `Request` out.

The flag rules are sops' (Go's flag package): `-name` is `--name`, `--name=value`, `--flag=false`, `--` ends the flags,
short flags are not bundled. Two things are freer here: flags stand anywhere, and a flag without a value never takes
the next word. A first word that is no command is the file of a line in sops' old form, which is one more record of
the table. Must not act on what it reads, and never repeats a value in a message: it may be a secret.
"""

from __future__ import annotations

from ..errors import UsageError
from .spec import COMMANDS, FLAG, GLOBAL, LEGACY, LIST, NUMBER, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from ..keys.ring import KeyRing

    Setting: TypeAlias = "bool | int | str | tuple[str, ...]"

LIST_COMMANDS = "--generate-bash-completion"
"""The last word of a line by which the completion scripts of sops ask for the names of the commands."""

_DIGITS = frozenset("0123456789")


class Request:
    """One command line, read. `given` holds the keys of the options that stood on it, not in the environment.

    `divide` is how many positionals stood before `--`, or -1 without one.
    `subject` is the file that an error is about when it names none; the command sets it. `stray` holds the names of
    options that stood before a command, where they have no effect.
    """

    __slots__ = ("command", "divide", "environ", "given", "options", "positionals", "ring", "stray", "subject")

    def __init__(self, command: str, environ: Mapping[str, str]) -> None:
        self.command = command
        self.environ = environ
        self.positionals: list[str] = []
        self.divide = -1
        self.options: dict[str, Setting] = {}
        self.given: set[str] = set()
        self.stray: list[str] = []
        self.subject: str | None = None
        self.ring: KeyRing | None = None

    def __repr__(self) -> str:
        return f"Request({self.command!r}, {len(self.positionals)} positionals)"

    def flag(self, key: str) -> bool:
        """Whether a flag is on; its default when it was not set."""
        return self.options.get(key, False) is True

    def text(self, key: str) -> str:
        """The text of an option, empty when it was not set."""
        value = self.options.get(key, "")
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """The number of an option, None when it was not set."""
        value = self.options.get(key)
        return value if isinstance(value, int) else None

    def items(self, key: str) -> tuple[str, ...]:
        """All values of an option that may be repeated."""
        value = self.options.get(key, ())
        return value if isinstance(value, tuple) else ()


def parse(argv: list[str], environ: Mapping[str, str]) -> Request:
    """The request that `argv` (without the program's name) makes. Raises UsageError.

    Help asked for in any way is the request `help` with its flag `help` on and the command's name, if there is one, as
    its positional; without any command the flag is off. `--version` is the request `version`. A line without a command
    is the request `legacy`.
    """
    request = Request("", environ)
    if argv and argv[-1] == LIST_COMMANDS:
        request.command, request.positionals = "completion", [LIST_COMMANDS, *argv[:-1]]
        return request
    at = _read_leading(argv, request)
    word = argv[at] if at < len(argv) else ""
    command = COMMANDS.get("help" if word == "h" else word)
    if word == "--" and argv[at + 1 : at + 2] and argv[at + 1] in COMMANDS:  # as in sops, they do not hide a command
        at, word, command = at + 1, argv[at + 1], COMMANDS[argv[at + 1]]
    if command is None:
        _read_legacy(argv[at:], request)
        return request
    request.command = command.name
    _drop_stray(request)
    _read_rest(argv[at + 1 :], command, request)
    if request.flag("version"):
        request.command = "version"
    elif command.name == "help":
        request.options["help"] = True
    elif request.flag("help"):
        request.command, request.positionals = "help", [word]
    else:
        _read_environment(command.options, request)
    return request


def _read_leading(argv: list[str], request: Request) -> int:
    """Read the options before the first word that is none; the index of that word."""
    table = _names(LEGACY.options)
    at = 0
    while at < len(argv) and _is_flag(argv[at]) and argv[at] != "--":
        option = table.get(_name_of(argv[at]))
        if option is None:
            raise _unknown_option(argv[at], table, "")
        at = _take(argv, at, option, request)
    return at


def _read_legacy(words: list[str], request: Request) -> None:
    """Read the rest of a line without a command."""
    request.command = LEGACY.name
    _read_rest(words, LEGACY, request)
    if request.flag("version"):
        request.command = "version"
    elif request.flag("help") or not (request.positionals or request.given):
        request.command, request.positionals = "help", []
    else:
        _read_environment(LEGACY.options, request)


def _drop_stray(request: Request) -> None:
    """Forget the options that stood before the command although only a line without a command has them there."""
    known = {option.key for option in GLOBAL}
    for key in [key for key in request.options if key not in known]:
        del request.options[key]
        request.given.discard(key)
        request.stray.append(f"--{key}")


def _read_rest(words: list[str], command: Command, request: Request) -> None:
    table = _names(command.options)
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            request.divide = len(request.positionals)
            request.positionals += words[at + 1 :]
            return
        option = table.get(_name_of(word)) if _is_flag(word) else None
        if option is not None:
            at = _take(words, at, option, request)
            continue
        at += 1
        if _is_flag(word) and not _is_value(word, command, request):
            shown = "" if command is LEGACY else command.name
            raise _unknown_option(word, table, shown, private=len(request.positionals) == command.value_at)
        request.positionals.append(word)


def _is_flag(word: str) -> bool:
    return len(word) > 1 and word[0] == "-"


def _is_value(word: str, command: Command, request: Request) -> bool:
    """Whether a word with a dash is a positional: any number, and where a value is due any word with one dash."""
    return word[1] in _DIGITS or (len(request.positionals) == command.value_at and word[1] != "-")


def _name_of(word: str) -> str:
    return word[2 if word[:2] == "--" else 1 :].partition("=")[0]


def _names(options: Iterable[Option]) -> dict[str, Option]:
    return {name.lstrip("-"): option for option in options for name in option.names}


def _take(words: list[str], at: int, option: Option, request: Request) -> int:
    """Read the option at `words[at]` into the request; the index after it and its value."""
    _, equals, value = words[at].partition("=")
    at += 1
    if not equals and option.kind != FLAG:
        if at == len(words):
            raise UsageError(f"option {option.names[0]} needs a value")
        value = words[at]
        at += 1
    elif not equals:
        value = "true"
    _store(option, value, option.names[0], request)
    request.given.add(option.key)
    return at


def _store(option: Option, value: str, name: str, request: Request) -> None:
    """Keep `value` for an option; `name` is how messages call it. Raises UsageError."""
    if option.kind == FLAG:
        request.options[option.key] = _read_flag(value, name)
    elif option.kind == NUMBER:
        request.options[option.key] = _read_number(value, name)
    elif option.kind == LIST:
        request.options[option.key] = (*request.items(option.key), value)
    else:
        request.options[option.key] = value


def _read_flag(value: str, name: str) -> bool:
    if value == "true":
        return True
    from ..values import read_bool

    try:
        return read_bool(value)
    except ValueError:
        raise UsageError(f"{name} is neither true nor false") from None


def _read_number(value: str, name: str) -> int:
    digits = value[1:] if value[:1] in ("-", "+") else value
    if not digits or len(digits) > 18 or not _DIGITS.issuperset(digits):
        raise UsageError(f"{name} is not a whole number")
    return int(value)


def _read_environment(options: tuple[Option, ...], request: Request) -> None:
    """Fill in defaults and, for options that did not stand on the line, their variables. Empty means not set."""
    for option in options:
        if option.key in request.options:
            continue
        if option.default:
            request.options[option.key] = True
        value = request.environ.get(option.env) if option.env else ""
        if value and option.kind == LIST:
            request.options[option.key] = tuple(value.split(","))
        elif value:
            _store(option, value, option.env, request)


def unknown_command(word: str, *, sure: bool) -> UsageError | None:
    """The error for a word that was to be a command; None when it is like none, unless that is `sure`."""
    near = _closest(word, COMMANDS)
    if not near and not sure:
        return None
    hints = (f"did you mean: sopspy {near}",) if near else ()
    return UsageError(f'unknown command "{word}"', hint=(*hints, _SEE_HELP, f"for a new file: sopspy edit {word}"))


def _unknown_option(word: str, table: dict[str, Option], command: str, *, private: bool = False) -> UsageError:
    """The error for an option that `table` does not have. A `private` word may be a secret and is not repeated."""
    name = _name_of(word)
    near = _closest(name, table)
    shown = "where the value is due" if private else f'"{word.partition("=")[0]}"'
    hints = [f"did you mean {table[near].names[0]}?"] if near else []
    if not command and near is None:
        hints.append(_elsewhere(name))
    hints.append(f"all options: sopspy help {command}" if command else _SEE_HELP)
    return UsageError(f"unknown option {shown}", hint=tuple(hint for hint in hints if hint))


def _elsewhere(name: str) -> str:
    """A hint for an option that stands before the command word but belongs behind it."""
    for command in COMMANDS.values():
        if name in _names(command.options):
            return f"options of a command stand behind it, as in: sopspy {command.name} --{name}"
    return ""


def _closest(word: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), list(known), 1, 0.7)
    return found[0] if found else None


_SEE_HELP = "all commands: sopspy help"
