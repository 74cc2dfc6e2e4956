"""Completion for zsh, through its own `_arguments`."""

from __future__ import annotations

from ..spec import COMMANDS, LEGACY, LIST, Command, Option
from . import FILES, arguments, values

_SCRIPT = """\
#compdef @NAME@
# Completion of @NAME@ for zsh:  @NAME@ completion zsh > a file _@NAME@ in a folder of fpath
_@NAME@() {
    local curcontext=$curcontext state line
    local -a commands
    typeset -A opt_args
    commands=(
@COMMANDS@
    )
    _arguments -C \\
@TOP@
        '1: :->first' '*:: :->rest'
    case $state in
        first)
            _alternative 'commands:command:{ _describe -t commands command commands }' 'files:file:_files' ;;
        rest)
            case $words[1] in
@CASES@
            esac ;;
    esac
}
if [[ $funcstack[1] == _@NAME@ ]]; then
    _@NAME@ "$@"
else
    compdef _@NAME@ @NAME@
fi
"""


def script(name: str) -> str:
    """The script that completes the command `name`."""
    parts = {
        "NAME": name,
        "COMMANDS": "\n".join(f"        {_quoted(key + ':' + item.summary)}" for key, item in COMMANDS.items()),
        "TOP": "\n".join(f"        {spec} \\" for spec in _specs(LEGACY)),
        "CASES": "\n".join([*(_case(key, item) for key, item in COMMANDS.items()), _case("*", LEGACY)]),
    }
    text = _SCRIPT
    for part, filled in parts.items():
        text = text.replace(f"@{part}@", filled)
    return text


def _case(pattern: str, command: Command) -> str:
    found = arguments(command)
    rest = ["'*:file:_files'"] if found is FILES else [f"'1: :({' '.join(found)})'"] if found else []
    lines = " \\\n".join(f"                        {spec}" for spec in [*_specs(command), *rest])
    return f"                {pattern})\n                    _arguments \\\n{lines} ;;"


def _specs(command: Command) -> list[str]:
    return [_spec(option, name) for option in command.options for name in option.names]


def _spec(option: Option, name: str) -> str:
    """One name of one option, as `_arguments` wants it: who it excludes, its name, its text, its values."""
    found = values(option)
    before = "*" if option.kind == LIST else f"({' '.join(option.names)})" if len(option.names) > 1 else ""
    text = f"{before}{name}{'=' if found is not None and name[:2] == '--' else ''}[{_escaped(option.help)}]"
    if found is None:
        return _quoted(text)
    action = "_files" if found is FILES else f"({' '.join(found)})" if found else ""
    return _quoted(f"{text}:{_escaped(option.metavar.lower())}:{action}")


def _escaped(text: str) -> str:
    return "".join("\\" + char if char in "[]:\\" else char for char in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
