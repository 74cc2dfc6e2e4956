"""Completion for bash 3.2 and later. File names are left to readline: the function offers none of its own."""

from __future__ import annotations

from ..spec import COMMANDS, LEGACY
from . import FILES, RECORDS, arguments, names, values

_SCRIPT = """\
# Completion of @NAME@ for bash:  source <(@NAME@ completion bash)
_@NAME@() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=legacy first=1 at word
    COMPREPLY=()
    if [[ $cur == = ]]; then cur=
    elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        case $word in
            =) ((at++)) ;;
            @VALUED@) [[ ${COMP_WORDS[at+1]} == = ]] || ((at++)) ;;
            -*) ;;
            @COMMANDS@) command=$word first=0; break ;;
            *) first=0; break ;;
        esac
    done
    case $command:$prev in
@VALUES@
    esac
    if [[ $cur == -* ]]; then
        case $command in
@OPTIONS@
        esac
    elif ((first)); then
        COMPREPLY=($(compgen -W '@NAMES@' -- "$cur"))
    else
        case $command in
@ARGUMENTS@
        esac
    fi
}
complete -o bashdefault -o default -F _@NAME@ @NAME@
"""


def script(name: str) -> str:
    """The script that completes the command `name`."""
    parts = {
        "NAME": name,
        "VALUED": "|".join(names(LEGACY, valued=True)),
        "COMMANDS": "|".join(COMMANDS),
        "NAMES": " ".join(COMMANDS),
        "VALUES": "\n".join(_values()),
        "OPTIONS": "\n".join(_case(" " * 12, key, names(command)) for key, command in RECORDS.items()),
        "ARGUMENTS": "\n".join(_arguments()),
    }
    text = _SCRIPT
    for part, filled in parts.items():
        text = text.replace(f"@{part}@", filled)
    return text


def _values() -> list[str]:
    """Options that take a value, by what it may be. Without words the shell offers files."""
    cases: dict[tuple[str, ...], list[str]] = {}
    for key, command in RECORDS.items():
        for option in command.options:
            found = values(option)
            if found is not None:
                cases.setdefault(() if found is FILES else found, []).extend(f"{key}:{name}" for name in option.names)
    return [_case(" " * 8, "|".join(keys), words, "; return") for words, keys in cases.items()]


def _arguments() -> list[str]:
    lines = []
    for key, command in RECORDS.items():
        found = arguments(command)
        if found and found is not FILES:
            lines.append(_case(" " * 12, key, found))
    return lines


def _case(blanks: str, pattern: str, words: tuple[str, ...] | list[str], end: str = "") -> str:
    made = f"COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$cur\"))" if words else ""
    return f"{blanks}{pattern}) {(made + end).removeprefix('; ')} ;;"
