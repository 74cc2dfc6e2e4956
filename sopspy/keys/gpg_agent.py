"""Passphrases from a running gpg-agent, as sops asks for them.

Must not start an agent and must not keep a passphrase. Source: sops 3.13.2; the manual of gpg-agent.
"""

from __future__ import annotations

import os

from .terminal import NoTerminalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from typing import Self


class Agent:
    """A connection to the agent."""

    __slots__ = ("_environ", "_file", "_socket")

    def __init__(self, connected: socket.socket, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._socket = connected
        self._file = connected.makefile("rb")

    @classmethod
    def connect(cls, environ: Mapping[str, str]) -> Self | None:
        """The running agent, or None when there is none."""
        import socket

        path = _socket_path(environ)
        if not path or not hasattr(socket, "AF_UNIX"):
            return None
        connected = socket.socket(socket.AF_UNIX)
        try:
            connected.connect(path)
            agent = cls(connected, environ)
            if agent._answer().startswith("OK"):
                return agent
            agent.close()
        except (OSError, ValueError):
            pass
        connected.close()
        return None

    def ask(self, name: str, prompt: str) -> str:
        """The passphrase from the agent's cache or its pinentry. Raises NoTerminalError when it gives none."""
        from urllib.parse import quote_plus

        try:
            for option in self._options():
                if not self._send(f"OPTION {option}").startswith("OK"):
                    raise NoTerminalError("gpg-agent refuses the terminal")
            answer = self._send(f"GET_PASSPHRASE {name} X Passphrase {quote_plus(prompt)}")
        except OSError:
            raise NoTerminalError("gpg-agent went away") from None
        if answer == "OK" or answer.startswith("OK "):
            return bytes.fromhex(answer[3:]).decode("utf-8", "replace")
        reason = " ".join(answer.split(" ")[2:])
        raise NoTerminalError(f"gpg-agent gives none ({reason or 'no answer'})")

    def forget(self, name: str) -> None:
        """Drop a passphrase that was wrong."""
        try:
            self._send(f"CLEAR_PASSPHRASE {name}")
        except OSError:
            return

    def close(self) -> None:
        """End the connection."""
        self._file.close()
        self._socket.close()

    def _options(self) -> list[str]:
        found = {"display": self._environ.get("DISPLAY", ""), "ttytype": self._environ.get("TERM", "")}
        for stream in (0, 2):
            try:
                found["ttyname"] = os.ttyname(stream)
                break
            except OSError:
                continue
        return [f"{name}={value}" for name, value in found.items() if value and value.isprintable()]

    def _send(self, line: str) -> str:
        self._socket.sendall(f"{line}\n".encode())
        return self._answer()

    def _answer(self) -> str:
        return self._file.readline(4096).decode("utf-8", "replace").rstrip("\r\n")


def _socket_path(environ: Mapping[str, str]) -> str:
    if "GPG_AGENT_INFO" in environ:
        return environ["GPG_AGENT_INFO"].split(":")[0]
    path = os.path.join(os.path.expanduser(environ.get("HOME") or "~"), ".gnupg", "S.gpg-agent")
    if not os.path.exists(path) and environ.get("XDG_RUNTIME_DIR"):
        path = os.path.join(environ["XDG_RUNTIME_DIR"], "gnupg", "S.gpg-agent")
    return path
