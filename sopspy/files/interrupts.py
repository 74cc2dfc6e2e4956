"""SIGINT, SIGTERM, SIGHUP and SIGQUIT as something to look at, so that no clean-up is ever cut in two.

While an `Interrupts` is entered these signals are recorded and nothing else happens; whoever may block waits with
`wait` and asks `check`. A signal that was ignored before (nohup) stays ignored. Outside the main thread signals
cannot be had, and nothing is recorded. Source: signal(7), the self-pipe pattern.
"""

from __future__ import annotations

import os
import select
import signal
import threading

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class CanceledError(SopsError):
    """The user gave up, or the process was told to end."""


def canceled() -> CanceledError:
    """The error that sops reports for the same case."""
    return CanceledError("user canceled operation")


class Interrupts:
    """A context in which signals are recorded. `seen`: their numbers in order of arrival; `more`: further signals."""

    def __init__(self, more: tuple[int, ...] = ()) -> None:
        self.seen: list[int] = []
        self._signals = (*_SIGNALS, *more)
        self._previous: dict[int, Any] = {}
        self._wakeup = -1
        self._pipe = (-1, -1)

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is not threading.main_thread():
            return self
        self._pipe = os.pipe()
        for end in self._pipe:
            os.set_blocking(end, False)
        self._wakeup = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        for number in self._signals:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._previous[number] = signal.signal(number, self._record)
        # a child's end must wake `wait`, and only a signal with a handler does
        self._previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _notice)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._previous:
            return
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous = {}
        signal.set_wakeup_fd(self._wakeup)
        for end in self._pipe:
            os.close(end)

    def _record(self, number: int, _frame: FrameType | None) -> None:
        self.seen.append(number)

    def check(self) -> None:
        """Raise CanceledError if a signal came."""
        if self.seen:
            raise canceled()

    def wait(self, *files: int) -> list[int]:
        """Block until a signal comes (also a child's end), or one of `files` can be read: those are returned.

        May return early without any reason.
        """
        pipe = [self._pipe[0]] if self._previous else []
        ready = select.select([*files, *pipe], [], [], 1.0)[0]  # one second: a lost wake-up must not hang us
        if pipe and pipe[0] in ready:
            os.read(pipe[0], 4096)
        return [file for file in files if file in ready]


def _notice(_number: int, _frame: FrameType | None) -> None:
    """Take notice of a child's end."""
