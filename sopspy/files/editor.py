"""Letting the user edit a text: which editor, running it, and coming back to it until the text is good.

The text lies in a `PrivateFolder` and nowhere else; whatever ends the edit, the folder goes. The editor has the
terminal and shares our process group, so Ctrl-C is its own matter as long as it lives: it counts as giving up only if
the editor ends because of it. A signal that somebody sent to us alone ends the editor. Must not know what the text
means: the caller's `check` does. Source: sops 3.13.2 for the choice of the editor, the question and the exit codes.

`VISUAL` comes after `EDITOR`, other than in most Unix tools: who moves here from sops, which reads `SOPS_EDITOR` and
`EDITOR` only, must get the editor that sops gave; `VISUAL` is asked where sops would go on to guess.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import termios

from ..errors import EditorError, SopsError
from .interrupts import Interrupts, canceled
from .private import PrivateFolder, sweep
from .quiet import find, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")

_VARIABLES = ("SOPS_EDITOR", "EDITOR", "VISUAL")
_FALLBACKS = ("vim", "nano", "vi")

_KEYBOARD = frozenset((signal.SIGINT, signal.SIGQUIT))

_RETURN_AT_ONCE = frozenset(("code", "codium", "cursor", "subl", "atom", "gedit", "kate", "zed", "gvim", "mate"))
_WAIT = {"gvim": "-f", "kate": "--block"}
"""The option that makes them wait, where it is not `--wait`."""

_PATIENCE = 2
"""Seconds that an editor has to end when it is told to."""

_QUESTION = "Press enter to return to the editor, or Ctrl-C to give up and keep the old file."


class ReviewError(SopsError):
    """What a check raises when the user has to look over another text: the editor shows that one instead."""

    def __init__(self, message: str, text: bytes, hint: tuple[str, ...]) -> None:
        super().__init__(message, hint=hint)
        self.text = text


class UnchangedError(SopsError):
    """The user left the text as it was."""

    exit_code = 200


def edit(
    name: str,
    content: bytes,
    check: Callable[[bytes], T],
    environ: Mapping[str, str],
    *,
    show: Callable[[SopsError | str], None] | None = None,
) -> T:
    """Let the user edit `content`, and return what `check` makes of the new bytes.

    `name` is the path of the file that the content is of: the private file has its base name, messages name it.
    `check` raises SopsError for a text that is not good; the user sees that error and may go back to the editor. For
    a ReviewError the text there is the error's; leaving the editor without a change then takes it as it is.
    `show` prints such an error, or a line, on standard error. Must run in the main thread to notice signals.
    Raises UnchangedError (exit 200), EditorError (201), CanceledError (1), OutputError (3), and the last error of
    `check` with exit code 1 when nobody is there to go back to the editor.
    """
    command = choose(environ)
    show = show or _show
    for path in sweep(environ):
        show(f"removed plaintext that a killed process left: {path}")
    with PrivateFolder(environ, len(content)) as folder:
        if not folder.in_memory:
            show(f"warning: there is no folder in memory, so the plaintext is on a disk meanwhile: {folder.path}")
        base = os.path.basename(name) or "file"
        path = folder.write(base, content)
        how = quiet(command, folder.path, environ)
        if how.warning:
            show(f"warning: {how.warning}")
        shown: bytes | None = content
        while True:
            _run([*how.command, path], how.environ, folder.interrupts)
            edited = folder.read(base)
            if edited == shown:
                raise _unchanged(command)
            try:
                return check(edited)
            except SopsError as err:
                show(err.named(name))
                _ask(err, folder.interrupts, show)
                if isinstance(err, ReviewError):
                    path, shown = folder.rewrite(base, err.text), None


def choose(environ: Mapping[str, str]) -> list[str]:
    """The words of the command that a file's path is appended to. Raises EditorError (exit 201) if there is none."""
    for variable in _VARIABLES:
        if environ.get(variable, "").strip():
            return _from_variable(variable, environ)
    for program in _FALLBACKS:
        found = find(program, environ)
        if found:
            return [found]
    raise EditorError(
        f"no editor: {', '.join(_VARIABLES)} are not set, and none of {', '.join(_FALLBACKS)} is installed",
        hint="say which one to use: export EDITOR=nano",
    )


def _from_variable(variable: str, environ: Mapping[str, str]) -> list[str]:
    try:
        program, *words = shlex.split(environ[variable])
    except ValueError as err:
        raise EditorError(f"{variable} cannot be read: {str(err).lower()}") from err
    found = program if "/" in program else find(program, environ)
    if not found:
        raise EditorError(f"the editor of {variable} is not installed: {program}", hint=f"correct {variable}")
    return [found, *words]


def _unchanged(command: list[str]) -> UnchangedError:
    hint: str | tuple[str, ...] = ()
    if os.path.basename(command[0]) in _RETURN_AT_ONCE:
        name = os.path.basename(command[0])
        hint = f"if it did not wait for you: export SOPS_EDITOR='{name} {_WAIT.get(name, '--wait')}'"
    return UnchangedError("file has not changed, exiting", hint=hint)


def _run(command: list[str], environ: Mapping[str, str], interrupts: Interrupts) -> None:
    """Run the editor until it ends well. Raises EditorError or CanceledError."""
    interrupts.check()
    terminal = _terminal_state()
    try:
        process = subprocess.Popen(command, env=dict(environ))  # noqa: S603
    except OSError as err:
        raise EditorError(f"cannot start the editor {command[0]}: {(err.strerror or 'unknown').lower()}") from err
    try:
        _wait(process, interrupts)
    except BaseException:
        _end(process)
        _restore_terminal(terminal)
        raise
    status = process.returncode
    if status < 0:
        _restore_terminal(terminal)
    if status == 0 and _KEYBOARD.issuperset(interrupts.seen):
        interrupts.seen.clear()  # a Ctrl-C that the editor survived
        return
    if interrupts.seen or status == -signal.SIGINT:
        raise canceled()
    how = f"exited with status {status}" if status > 0 else f"was killed by signal {-status}"
    raise EditorError(f"the editor {how}, so nothing was written")


def _wait(process: subprocess.Popen[bytes], interrupts: Interrupts) -> None:
    """Wait for the editor's end. Raises CanceledError for a signal that is not the editor's own matter."""
    seen = 0
    while process.poll() is None:
        interrupts.wait()
        fresh, seen = interrupts.seen[seen:], len(interrupts.seen)
        if any(number not in _KEYBOARD or not _keyboard_interrupts() for number in fresh):
            raise canceled()


def _keyboard_interrupts() -> bool:
    """Whether Ctrl-C at the terminal is a signal now. Under vim it is a key: a signal then comes from elsewhere."""
    state = _terminal_state()
    return bool(state and state[3] & termios.ISIG)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _terminal_state() -> list[Any]:
    """The settings of the terminal that we read from, empty if there is none."""
    try:
        return termios.tcgetattr(0)
    except (termios.error, OSError):
        return []


def _restore_terminal(state: list[Any]) -> None:
    if state:
        try:
            termios.tcsetattr(0, termios.TCSADRAIN, state)
        except (termios.error, OSError):
            return


def _ask(err: SopsError, interrupts: Interrupts, show: Callable[[SopsError | str], None]) -> None:
    """Wait for a line on standard input. Raises `err` with exit code 1 at its end, CanceledError for a signal."""
    show(_QUESTION)
    while True:
        interrupts.check()
        key = _read_key(interrupts)
        if key == b"\n":
            return
        if key == b"":
            show("nobody is there to press enter, so nothing was written")
            err.exit_code = 1
            raise err


def _read_key(interrupts: Interrupts) -> bytes | None:
    """One byte of standard input (the rest may be for the editor), b"" at its end, None when there is none yet."""
    if sys.stdin is None:  # closed when we were started: another file may have its number by now
        return b""
    try:
        return os.read(0, 1) if interrupts.wait(0) else None
    except OSError:  # the terminal is gone
        return b""


def _show(what: SopsError | str) -> None:
    hints = what.hints if isinstance(what, SopsError) else ()
    lines = [str(what) if isinstance(what, str) else f"error: {what}", *(f"hint: {hint}" for hint in hints)]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
