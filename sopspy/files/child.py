"""Running a command with secrets: in the place of this process, or as its child with every signal passed on.

Must not know where secrets come from. What is started has no core dumps. Source: exec(3), signal(7), credentials(7).
"""

from __future__ import annotations

import errno
import os
import signal
import sys

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from typing import NoReturn

    from .interrupts import Interrupts

PASSED_ON = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCONT)
"""Signals that are a child's matter, besides those that end a process."""

_KEYBOARD = frozenset((signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH, signal.SIGCONT))
NOT_FOUND, NOT_RUN = 127, 126
SIGNALED = 255


def environment(inherited: Mapping[str, str]) -> dict[bytes, bytes]:
    """The variables of this process as bytes, whatever the locale."""
    return {os.fsencode(name): os.fsencode(value) for name, value in inherited.items()}


def replace(words: list[str], environ: dict[bytes, bytes], *, search: bool = False) -> NoReturn:
    """Become another program; `search`: on the PATH of that environment. Raises SopsError (exit 127, 126)."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and that would be inherited
        signal.signal(number, signal.SIG_DFL)
    try:
        if search:
            os.execvpe(words[0], words, environ)  # noqa: S606
        os.execve(words[0], words, environ)  # noqa: S606
    except OSError as err:
        raise _not_started(words[0], err) from None
    except ValueError:
        raise SopsError("the name of the program is empty", exit_code=NOT_FOUND) from None


def start(command: str, environ: dict[bytes, bytes], *, attached: bool = True) -> subprocess.Popen[bytes]:
    """A child of ours: /bin/sh with a command; not `attached`, without our streams. Raises SopsError."""
    import subprocess

    stream = None if attached else subprocess.DEVNULL
    words = ["/bin/sh", "-c", command]
    try:
        return subprocess.Popen(  # noqa: S603
            words, env=environ, stdin=stream, stdout=stream, stderr=stream, start_new_session=not attached
        )
    except OSError as err:
        raise _not_started(words[0], err) from None


def wait(process: subprocess.Popen[bytes], interrupts: Interrupts) -> int:
    """Wait for a child and pass on what signals come meanwhile; its status, negative for the signal that ended it.

    What the keyboard sends reaches the child by itself. No signal is left for whoever looks at `interrupts` next.
    """
    while process.poll() is None:
        interrupts.wait()
        fresh = interrupts.seen[:]
        del interrupts.seen[: len(fresh)]
        for number in fresh:
            if number not in _KEYBOARD or not _at_terminal():
                process.send_signal(number)
    interrupts.seen.clear()
    return int(process.returncode)


def switch_user(name: str) -> dict[bytes, bytes]:
    """Become another user for good; the variables that say so. Raises SopsError (exit 1)."""
    from pwd import getpwnam

    try:
        user = getpwnam(name)
    except (KeyError, ValueError):
        raise SopsError(f"user: unknown user {name}") from None
    try:
        os.setgroups(os.getgrouplist(user.pw_name, user.pw_gid))
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    except PermissionError:
        raise SopsError(f"only root can run a command as {name}", hint="leave out --user, or use sudo") from None
    told = {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}
    return environment(told)


def _at_terminal() -> bool:
    """Whether the keyboard's signals go to our process group, and so to the child as well."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _not_started(program: str, err: OSError) -> SopsError:
    if err.errno == errno.E2BIG:
        return SopsError(
            "the variables are too large for a process",
            hint=("hand the secrets over in a file: sopspy exec-file", "or choose some: sopspy run --only KEY"),
            exit_code=NOT_RUN,
        )
    if err.errno in (errno.ENOENT, errno.ENOTDIR):
        return SopsError(f"command not found: {program}", hint="is it installed, and on PATH?", exit_code=NOT_FOUND)
    reason = (err.strerror or "unknown").lower()
    return SopsError(f"cannot start {program}: {reason}", exit_code=NOT_RUN)
