"""The OpenPGP key service: the `gpg` program, so that agents, smartcards and pinentry work as they are set up.

Responsible for calling it as sops does, and for what its messages mean. It is never told `--batch`: gpg may ask for a
passphrase. A fingerprint comes from a file that anybody may have written, so only hexadecimal digits get into a
command line. Source: sops 3.13.2; gpg(1).
"""

from __future__ import annotations

import os

from ..errors import SopsError
from .base import NeedsPerson, NotForMe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from subprocess import CompletedProcess

    from ..metadata import MasterKey

_DIGITS = frozenset("0123456789abcdefABCDEF")
_LONG_ID, _FINGERPRINT = 16, 40
_NOISE = ("encrypted with ", "using ", "WARNING: ", "Note: ", "NOTE: ", "public key is ", "keybox ")
_TELLING = ("failed", "skipped", "No ", "error", "can't")
_QUIETLY = ("--batch", "--pinentry-mode", "cancel")
_NO_KEY = b"No secret key"
_NO_TERMINAL = "Inappropriate ioctl"


class Service:
    """Wraps and opens by running gpg. The list of secret keys is asked for once."""

    __slots__ = ("_environ", "_program", "_secret")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = _with_terminal(environ)
        self._program = environ.get("SOPS_GPG_EXEC") or "gpg"
        self._secret: list[str] | None = None

    def wrap(self, key: MasterKey, secret: bytes) -> str:
        """An armored message with `secret`, without a final newline. Raises SopsError with gpg's reason."""
        name = _checked(key.fields["fp"])
        trusted = name.removesuffix("!")[-_LONG_ID:] + ("!" if name.endswith("!") else "")
        done = self._run(
            *("--no-default-recipient", "--yes", "--encrypt", "-a", "-r", name),
            *("--trusted-key", trusted, "--no-encrypt-to"),
            input=secret,
        )
        if done.returncode or not done.stdout.strip():
            raise SopsError(
                f"gpg cannot encrypt to this key: {_reason(done)}",
                hint=(f"see whether the key is there: gpg --list-keys {name.removesuffix('!')}",),
            )
        return done.stdout.strip().decode("ascii", "replace")

    def open(self, key: MasterKey) -> bytes:
        """The secret in the message of `key`. Raises NotForMe with gpg's reason."""
        return self._open(key)

    def open_quietly(self, key: MasterKey) -> bytes:
        """The same without a passphrase. Raises NeedsPerson where gpg has the key but would ask."""
        return self._open(key, *_QUIETLY)

    def _open(self, key: MasterKey, *quietly: str) -> bytes:
        try:
            done = self._run(*quietly, "-d", input=key.enc.encode("utf-8", "surrogateescape"))
        except SopsError as err:
            raise NotForMe(err.message, *err.hints[:1]) from None
        if done.returncode and quietly and _NO_KEY not in done.stderr:
            raise NeedsPerson("gpg would have to ask")
        if done.returncode:
            hint = "tell gpg where to ask for the passphrase: export GPG_TTY=$(tty)" if _no_terminal(done) else ""
            raise NotForMe(f"gpg: {_reason(done)}", hint)
        if not done.stdout:
            raise NotForMe("gpg returned nothing: it may be too old for the message")
        return bytes(done.stdout)

    def likely(self, key: MasterKey) -> bool:
        """Whether gpg has a secret key of this fingerprint."""
        name = key.fields["fp"].removesuffix("!").upper().removeprefix("0X")
        return len(name) >= _LONG_ID and any(known.endswith(name) for known in self._known())

    def holds(self, key: MasterKey) -> bool:
        """The same for a whole fingerprint: a shorter id can belong to somebody else's key, too."""
        return len(key.fields["fp"].removesuffix("!")) >= _FINGERPRINT and self.likely(key)

    def _known(self) -> list[str]:
        """The fingerprints of all secret keys and subkeys; empty when gpg does not say."""
        if self._secret is None:
            try:
                done = self._run("--batch", "--with-colons", "--list-secret-keys", input=b"")
            except SopsError:
                self._secret = []
            else:
                lines = done.stdout.decode("utf-8", "replace").splitlines()
                self._secret = [line.split(":")[9] for line in lines if line.startswith("fpr:")]
        return self._secret

    def _run(self, *words: str, input: bytes) -> CompletedProcess[bytes]:
        import subprocess

        try:
            return subprocess.run(  # noqa: S603
                [self._program, *words], input=input, capture_output=True, env=self._environ, check=False
            )
        except (OSError, ValueError) as err:
            reason = getattr(err, "strerror", None) or "bad name"
            raise SopsError(
                f"{self._program} cannot be started: {reason.lower()}",
                hint="install GnuPG, or name the program in SOPS_GPG_EXEC",
            ) from None


def _with_terminal(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the terminal named for pinentry when there is one: without it gpg cannot ask."""
    made = dict(environ)
    if not made.get("GPG_TTY"):
        for stream in (0, 2):
            try:
                made["GPG_TTY"] = os.ttyname(stream)
                break
            except OSError:
                continue
    return made


def _checked(text: str) -> str:
    """A fingerprint or key id that is safe to pass on. Raises SopsError."""
    name = text.removesuffix("!").removeprefix("0x")
    if not name or not _DIGITS.issuperset(name):
        raise SopsError(
            "not an OpenPGP fingerprint: only hexadecimal digits are allowed",
            hint="gpg --list-keys --with-subkey-fingerprint shows fingerprints",
        )
    return text


def _reason(done: CompletedProcess[bytes]) -> str:
    """What gpg says that tells why, in one line, without its own name."""
    lines = [line.strip().removeprefix("gpg: ") for line in done.stderr.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith((*_NOISE, '"'))]
    telling = [line for line in lines if any(word in line for word in _TELLING)]
    return "; ".join(dict.fromkeys(telling or lines[-1:])) or f"exit code {done.returncode}"


def _no_terminal(done: CompletedProcess[bytes]) -> bool:
    return _NO_TERMINAL.encode() in done.stderr
