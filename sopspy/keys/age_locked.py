"""Identity files that a passphrase protects.

Responsible for asking once, and only when a file needs it: a running gpg-agent first, else the terminal. The passphrase
is not kept. Source: sops 3.13.2.
"""

from __future__ import annotations

from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .identities import Identity

_INCORRECT = "incorrect passphrase"


class Opener:
    """A locked identity file. After it was unlocked its identities stay in memory; a failure is final."""

    __slots__ = ("_data", "_environ", "_failure", "_found", "_label", "_lock", "_parse")
    rank = 3
    recipient = ""

    def __init__(
        self, label: str, data: bytes, environ: Mapping[str, str], parse: Callable[[bytes], list[Identity]]
    ) -> None:
        self._label = label
        self._data = data
        self._environ = environ
        self._parse = parse
        self._found: list[Identity] | None = None
        self._failure = ""
        self._lock = allocate_lock()

    def identities(self) -> list[Identity]:
        """What is in the file; asks for the passphrase once. Raises ValueError with the reason."""
        with self._lock:
            if self._failure:
                raise ValueError(self._failure)
            if self._found is None:
                try:
                    self._found = self._parse(self._unlocked())
                except ValueError as err:
                    self._failure = str(err)
                    raise
            return self._found

    def open(self, data: bytes) -> bytes | None:
        """The secret in an unarmored file, None when it is for somebody else. Raises ValueError with the reason."""
        from .age import first_secret

        return first_secret(data, self.identities())

    def _unlocked(self) -> bytes:
        import pyrage

        from .gpg_agent import Agent
        from .terminal import NoTerminalError, ask_secret

        prompt = f"Enter passphrase for identity '{self._label}':"
        agent = Agent.connect(self._environ)
        name = _cache_name(self._data)
        try:
            passphrase = agent.ask(name, prompt) if agent else ask_secret(prompt)
        except NoTerminalError as err:
            raise ValueError(f"needs a passphrase: {err}") from None
        try:
            opened: bytes = pyrage.passphrase.decrypt(self._data, passphrase)
        except pyrage.DecryptError as err:
            if agent:
                agent.forget(name)
            text = str(err).lower()
            wrong = "decryption failed" in text or "no matching" in text
            raise ValueError(_INCORRECT if wrong else f"cannot be unlocked: {text}") from None
        finally:
            if agent:
                agent.close()
        return opened

    def __repr__(self) -> str:
        return f"Opener({self._label})"


def _cache_name(data: bytes) -> str:
    """The name under which sops keeps the passphrase in the agent, so that both ask once."""
    import base64
    import hashlib

    return f"SopsAge{base64.b32encode(hashlib.sha256(data).digest()[:25]).decode('ascii')}"
