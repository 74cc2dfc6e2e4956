"""Completion for fish 3 and later."""

from __future__ import annotations

from ..spec import COMMANDS, LEGACY, Option
from . import FILES, RECORDS, arguments, names, values

_HEAD = """\
# Completion of @NAME@ for fish:  @NAME@ completion fish > ~/.config/fish/completions/@NAME@.fish
function __@NAME@_command
    set -l words (commandline -opc)
    set -l skip 1
    for word in $words
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case @VALUED@
                set skip 1
            case '-*'
            case '*'
                echo $word
                return
        end
    end
end
function __@NAME@_is
    set -l found (__@NAME@_command)
    contains -- "$found" $argv
end
function __@NAME@_alone
    not __@NAME@_is @COMMANDS@
end
"""


def script(name: str) -> str:
    """The script that completes the command `name`."""
    head = _HEAD.replace("@VALUED@", " ".join(names(LEGACY, valued=True))).replace("@COMMANDS@", " ".join(COMMANDS))
    lines = [head.replace("@NAME@", name)]
    for key, command in COMMANDS.items():
        lines.append(f"complete -c {name} -n '__{name}_is \"\"' -a {key} -d {_quoted(command.summary)}\n")
    for key, command in RECORDS.items():
        when = f"__{name}_alone" if command is LEGACY else f"__{name}_is {key}"
        lines += [f"complete -c {name} -n '{when}' {_option(option)}\n" for option in command.options]
        found = arguments(command)
        if found is not FILES:
            words = f" -a {_quoted(' '.join(found))}" if found else ""
            lines.append(f"complete -c {name} -n '{when}' -f{words}\n")
    return "".join(lines)


def _option(option: Option) -> str:
    spelt = [f"-l {name[2:]}" if name[:2] == "--" else f"-s {name[1:]}" for name in option.names]
    found = values(option)
    if found is FILES:
        spelt.append("-r -F")
    elif found is not None:
        spelt.append(f"-x -a {_quoted(' '.join(found))}" if found else "-x")
    return f"{' '.join(spelt)} -d {_quoted(option.help)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
