"""Questions on the terminal of the user, never on the standard streams: they may be the very files at work.

Must not keep an answer.
"""

from __future__ import annotations

import os
from _thread import allocate_lock

_one_at_a_time = allocate_lock()


class NoTerminalError(Exception):
    """There is nobody to ask."""


def ask_secret(prompt: str) -> str:
    """What the user types, unseen. Raises NoTerminalError without a terminal or an answer."""
    import getpass

    if os.name != "nt":
        try:
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        except OSError:
            raise NoTerminalError("there is no terminal to ask on") from None
    try:
        with _one_at_a_time:
            return getpass.getpass(f"{prompt} ")
    except (EOFError, OSError):
        raise NoTerminalError("no answer on the terminal") from None


def ask(prompt: str) -> str:
    """What the user types, seen. Raises NoTerminalError."""
    try:
        with _one_at_a_time, open("/dev/tty", "r+b", buffering=0) as tty:
            tty.write(f"{prompt} ".encode())
            return tty.readline().decode("utf-8", "replace").rstrip("\r\n")
    except OSError:
        raise NoTerminalError("there is no terminal to ask on") from None


def show(text: str) -> None:
    """A line on the terminal; nothing when there is none."""
    printable = "".join(char if char.isprintable() else "?" for char in text)
    try:
        with open("/dev/tty", "wb", buffering=0) as tty:
            tty.write(f"{printable}\n".encode())
    except OSError:
        return
