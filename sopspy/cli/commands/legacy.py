"""A line without a command, as older versions of sops have it: `-d FILE`, `-e -i FILE`, `FILE` alone to edit it.

What is done is left to the modules of the commands: here is only what sops checks in this form and not in the other,
in its order. Source: sops 3.13.2, docs/compatibility.md.
"""

from __future__ import annotations

import os

from ...errors import MissingFileError, SopsError, ValueFormatError
from ...keys.ring import parse_order
from ..spec import KEY_OPTIONS, MODES
from . import check_target, now, required_file, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

_NO_FILE_TO_CHANGE = 49


def run(request: Request) -> int:
    """Do what the options say. Raises SopsError."""
    modes = [option.key for option in MODES if request.options.get(option.key)] or ["edit"]
    if modes == ["edit"]:
        _check_word(request)
    path = required_file(request)
    request.positionals = [path]
    check_target(request, path)
    _check_exists(request, path, modes)
    if len(modes) > 1:
        warn(request, f"--{' and --'.join(modes)} at once is deprecated: only --{modes[-1]} counts")
    if modes != ["decrypt"]:
        _check_rule(request, path, modes)
        parse_order(request.text("decryption-order"))
    try:
        return _delegate(request, modes[-1])
    except SopsError as err:
        if modes == ["edit"] and _is_bare(path):
            err.hints = (*err.hints, f'"{path}" is no command, so it was taken for a file to edit')
        raise


def _delegate(request: Request, mode: str) -> int:
    """Run the command that does the work."""
    if mode == "set":
        request.positionals += _index_and_value(request.text("set"))
    request.command = mode
    code: int = __import__(f"sopspy.cli.commands.{mode}", fromlist=("run",)).run(request)
    return code


def _check_word(request: Request) -> None:
    """Raise UsageError for what was meant to be a command: it is no file, and like one or followed by more."""
    word = request.positionals[0] if request.positionals else ""
    if not _is_bare(word):
        return
    from ..parse import unknown_command

    error = unknown_command(word, sure=len(request.positionals) > 1)
    if error:
        raise error


def _is_bare(word: str) -> bool:
    """Whether a word may have been meant as a command: no file, and without a dot or a folder."""
    return bool(word) and "." not in word and os.sep not in word and not os.path.lexists(word)


def _check_exists(request: Request, path: str, modes: list[str]) -> None:
    """Raise SopsError when the file has to be there and is not (exit 100, or 49 where its recipients change)."""
    if os.path.exists(path):
        return
    if any(request.text(f"{verb}-{key}") for verb in ("add", "rm") for key in KEY_OPTIONS):
        raise SopsError("no such file, so its recipients cannot change", file=path, exit_code=_NO_FILE_TO_CHANGE)
    if modes not in (["set"], ["edit"]):
        raise MissingFileError("no such file", file=path)


def _check_rule(request: Request, path: str, modes: list[str]) -> None:
    """Raise SopsError unless a creation rule fits the file, or there are none: sops asks for that in this form."""
    from ..context import config_of, encryption_context, plan_of

    config = config_of(request)
    name = request.text("filename-override") or path
    if "encrypt" in modes[:-1]:
        from . import formats_of

        plan_of(request, config, name, formats_of(request, path)[0])
    elif config and modes != ["encrypt"]:
        config.plan_for(name, now(), encryption_context(request))


def _index_and_value(text: str) -> list[str]:
    """The two parts of `--set`. Raises ValueFormatError (exit 7)."""
    index, end, value = text.partition("] ")
    if not end:
        raise ValueFormatError(
            "--set is not of the form 'INDEX VALUE'", hint="""for example: sopspy --set '["a"]["b"] "s3cret"' FILE"""
        )
    return [f"{index}]", value]
