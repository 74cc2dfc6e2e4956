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

_MAX_WORK = "22"  # of two digits, as age bounds it; the library refuses other spellings
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
        from .gpg_agent import Agent
        from .terminal import NoTerminalError, ask_secret

        prompt = f"Enter passphrase for identity '{self._label}':"
        agent = Agent.connect(self._environ)
        name = _cache_name(self._data)
        try:
            return unlock(self._data, agent.ask(name, prompt) if agent else ask_secret(prompt))
        except NoTerminalError as err:
            raise ValueError(f"{self._label} needs a passphrase: {err}") from None
        except ValueError as err:
            if agent:
                agent.forget(name)
            raise ValueError(f"{self._label}: {err}") from None
        finally:
            if agent:
                agent.close()

    def __repr__(self) -> str:
        return f"Opener({self._label})"


def unlock(data: bytes, passphrase: str) -> bytes:
    """What is in an unarmored file under a passphrase. Raises ValueError with the reason."""
    import pyrage

    from .age_file import HeaderError, read

    try:
        stanza = read(data)[0][0]
    except HeaderError as err:
        raise ValueError(f"cannot be unlocked: {err}") from None
    if stanza.kind == "scrypt" and len(stanza.arguments) > 2 and stanza.arguments[2] > _MAX_WORK:
        # One more is twice the time and the memory: 23 takes a quarter of a minute and 8 GiB.
        raise ValueError(f"cannot be unlocked: its work factor is above {_MAX_WORK}")
    try:
        opened: bytes = pyrage.passphrase.decrypt(data, passphrase)
    except pyrage.DecryptError as err:
        text = str(err).lower().partition("\n")[0]
        wrong = "decryption failed" in text or "no matching" in text
        raise ValueError(_INCORRECT if wrong else f"cannot be unlocked: {text}") from None
    return opened


def _cache_name(data: bytes) -> str:
    """The name under which sops keeps the passphrase in the agent, so that both ask once."""
    import base64
    import hashlib

    return f"SopsAge{base64.b32encode(hashlib.sha256(data).digest()[:25]).decode('ascii')}"
