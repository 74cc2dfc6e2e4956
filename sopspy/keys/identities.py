"""Where age identities come from.

Responsible for reading every source that sops reads, each on its own: what is wrong with one is noted and hides no
other. Must not unwrap anything, and must not let an identity out in a text: notes name places and line numbers only.
Source: sops 3.13.2 (docs/compatibility.md).
"""

from __future__ import annotations

import os
import sys

from ..limits import MAX_IDENTITY_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SSH_FILE, _SSH_COMMAND = "SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"
_USUAL_SSH = ("id_ed25519", "id_rsa")


class Identity:
    """An identity that can unwrap, and the recipient it belongs to, "" when that cannot be told. Its `repr` shows the
    recipient only. `key` is one of the age library; what that cannot open alone has an `opener` instead."""

    __slots__ = ("key", "opener", "recipient")

    def __init__(self, key: Any, recipient: str, opener: Any = None) -> None:
        self.key = key
        self.recipient = recipient
        self.opener = opener

    def __repr__(self) -> str:
        return f"Identity({self.recipient})"


class Source:
    """A place that was looked at: what it gave, and notes on what could not be used."""

    __slots__ = ("identities", "label", "missing", "notes")

    def __init__(self, label: str) -> None:
        self.label = label
        self.identities: list[Identity] = []
        self.notes: list[str] = []
        self.missing = False

    def __str__(self) -> str:
        count = len(self.identities)
        found = [f"{count} {'identity' if count == 1 else 'identities'}"] if count or not self.notes else []
        return f"{self.label}: {'; '.join((*found, *self.notes))}"

    def __repr__(self) -> str:
        return f"Source({self})"


def standing_sources(environ: Mapping[str, str], platform: str = sys.platform) -> list[Source]:
    """The sources that are the same for every recipient: variables, key file and the user's configuration."""
    sources = _ssh_sources(environ)
    if "SOPS_AGE_KEY" in environ:
        source = Source("SOPS_AGE_KEY")
        _read_text(source, environ["SOPS_AGE_KEY"].encode("utf-8", "surrogateescape"), environ, words=True)
        sources.append(source)
    if "SOPS_AGE_KEY_FILE" in environ:
        sources.append(_variable_file(environ))
    configured = _user_source(environ, platform)
    if not configured.missing or not any(source.identities for source in sources):
        sources.append(configured)
    return sources


def command_source(environ: Mapping[str, str], recipient: str) -> Source | None:
    """What `SOPS_AGE_KEY_CMD` prints for this recipient, or None when there is no command."""
    if "SOPS_AGE_KEY_CMD" not in environ:
        return None
    source = Source("SOPS_AGE_KEY_CMD")
    output = _run(source, environ, recipient)
    if output is not None:
        _read_text(source, output, environ)
    return source


def ssh_command_source(environ: Mapping[str, str], recipient: str) -> Source | None:
    """What `SOPS_AGE_SSH_PRIVATE_KEY_CMD` prints for this recipient, or None when there is no command."""
    if _SSH_COMMAND not in environ:
        return None
    source = Source(_SSH_COMMAND)
    output = _run(source, environ, recipient)
    if output is not None:
        _read_ssh(source, output)
    return source


def absent(environ: Mapping[str, str]) -> list[str]:
    """The variables that were looked for and are not set."""
    return [
        name
        for name in ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD", _SSH_FILE, _SSH_COMMAND)
        if name not in environ
    ]


def _ssh_sources(environ: Mapping[str, str]) -> list[Source]:
    """The SSH key of the variable, and the usual ones of the user that exist."""
    named = environ.get(_SSH_FILE)
    sources = [] if named is None else [_ssh_file(Source(f"{_SSH_FILE}={named}"), named)]
    home = environ.get("HOME") or environ.get("USERPROFILE")
    for name in _USUAL_SSH if home else ():
        path = os.path.join(home or "", ".ssh", name)
        if os.path.exists(path):
            sources.append(_ssh_file(Source(path), path))
    return sources


def _ssh_file(source: Source, path: str) -> Source:
    data = _file_bytes(source, path)
    if data is not None:
        _read_ssh(source, data, path)
    return source


def _read_ssh(source: Source, data: bytes, path: str = "") -> None:
    from .age_ssh import read_key

    try:
        source.identities.append(read_key(data, path))
    except ValueError as err:
        source.notes.append(str(err))


def _variable_file(environ: Mapping[str, str]) -> Source:
    path = environ["SOPS_AGE_KEY_FILE"]
    if "AGE-SECRET-KEY" in path:
        # A common mix-up, and the label of the source goes into reports.
        source = Source("SOPS_AGE_KEY_FILE")
        source.notes.append("holds an identity instead of a path: use SOPS_AGE_KEY")
        return source
    return _read_file(Source(f"SOPS_AGE_KEY_FILE={path}"), path, environ)


def _user_source(environ: Mapping[str, str], platform: str) -> Source:
    try:
        folder = config_folder(environ, platform)
    except ValueError as err:
        source = Source("keys.txt of the user")
        source.notes.append(str(err))
        source.missing = True
        return source
    path = os.path.join(folder, "sops", "age", "keys.txt")
    return _read_file(Source(path), path, environ)


def config_folder(environ: Mapping[str, str], platform: str) -> str:
    """The user's configuration folder as Go's os.UserConfigDir knows it. Raises ValueError when it is unknown."""
    if platform == "win32":
        if environ.get("AppData") or environ.get("APPDATA"):
            return environ.get("AppData") or environ["APPDATA"]
        raise ValueError("%AppData% is not set")
    chosen = environ.get("XDG_CONFIG_HOME", "")
    if chosen and platform != "darwin" and not os.path.isabs(chosen):
        raise ValueError("the path in XDG_CONFIG_HOME is relative")
    if chosen:
        return chosen
    if not environ.get("HOME"):
        raise ValueError("neither XDG_CONFIG_HOME nor HOME is set")
    return os.path.join(
        environ["HOME"], *(("Library", "Application Support") if platform == "darwin" else (".config",))
    )


def _read_file(source: Source, path: str, environ: Mapping[str, str]) -> Source:
    data = _file_bytes(source, path)
    if data is not None:
        _read_text(source, data, environ)
    return source


def _file_bytes(source: Source, path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_IDENTITY_BYTES + 1)
    except FileNotFoundError:
        source.notes.append("no such file")
        source.missing = True
    except (OSError, ValueError) as err:
        source.notes.append(f"cannot be read ({getattr(err, 'strerror', None) or 'bad path'})")
    return None


def _read_text(source: Source, data: bytes, environ: Mapping[str, str], *, words: bool = False) -> None:
    """The identities of a key file: one a line, or with `words` one a word; one bad line rejects the source."""
    if len(data) > MAX_IDENTITY_BYTES:
        source.notes.append(f"larger than {MAX_IDENTITY_BYTES >> 20} MiB")
    elif data.startswith((b"age-encryption", b"-----BEGIN AGE")):
        _read_locked(source, data, environ)
    else:
        _read_lines(source, data, words=words)


def _read_locked(source: Source, data: bytes, environ: Mapping[str, str]) -> None:
    """One identity that stands for all in the file: they are seen when its passphrase is known."""
    from .age_file import unarmor
    from .age_locked import Opener

    try:
        raw = unarmor(data) if data.startswith(b"-") else data
    except ValueError as err:
        source.notes.append(str(err))
        return
    label = source.label.partition("=")[0]
    source.identities.append(Identity(None, "", Opener(label, raw, environ, unlocked_identities)))


def recipients_of(label: str, data: bytes, environ: Mapping[str, str]) -> list[str]:
    """The recipients of a key file; a locked one is unlocked. Raises ValueError for what is wrong with it."""
    source = Source(label)
    _read_text(source, data, environ)
    if source.notes:
        raise ValueError("; ".join(source.notes))
    unlocked = [getattr(one.opener, "identities", lambda one=one: [one])() for one in source.identities]
    found = [one.recipient for group in unlocked for one in group]
    if "" in found:
        raise ValueError("the recipient of a plugin's identity is known to the plugin only")
    return found


def unlocked_identities(data: bytes) -> list[Identity]:
    """The identities of a key file that was unlocked. Raises ValueError with the line that is none."""
    inner = Source("")
    _read_lines(inner, data, words=False)
    if inner.notes:
        raise ValueError("; ".join(inner.notes))
    return inner.identities


def _read_lines(source: Source, data: bytes, *, words: bool) -> None:
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line or line.startswith("#"):
            continue
        for word in line.split() if words else (line,):
            try:
                _read_identity(source, word)
            except ValueError as err:
                source.identities.clear()
                source.notes[:] = [f"line {number}: {err}"]
                return


def _read_identity(source: Source, text: str) -> None:
    """Add one identity. Raises ValueError for what is no identity."""
    if text.startswith("AGE-PLUGIN-"):
        from . import age_plugin

        source.identities.append(Identity(None, "", age_plugin.Opener(text)))
        return
    if text.startswith("AGE-SECRET-KEY-PQ-1"):
        from . import age_hybrid

        hybrid = age_hybrid.Opener.read(text)
        source.identities.append(Identity(None, hybrid.recipient, hybrid))
        return
    if not text.startswith("AGE-SECRET-KEY-1"):
        raise ValueError("unknown identity type")
    from pyrage import IdentityError, x25519

    try:
        key = x25519.Identity.from_str(text)
    except IdentityError:
        raise ValueError("malformed identity") from None
    source.identities.append(Identity(key, str(key.to_public())))


def _run(source: Source, environ: Mapping[str, str], recipient: str) -> bytes | None:
    """The output of the command, run without a shell. Its text is not repeated: it may hold a secret."""
    import shlex
    import subprocess

    try:
        words = shlex.split(environ[source.label], comments=True)
    except ValueError:
        source.notes.append("the command has an unbalanced quote")
        return None
    if not words:
        source.notes.append("the command is empty")
        return None
    env = {**environ, "SOPS_AGE_RECIPIENT": recipient}
    try:
        # No stdin: it may be the very file that is to be decrypted.
        done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)  # noqa: S603
    except (OSError, ValueError) as err:
        source.notes.append(f"the command cannot be started ({getattr(err, 'strerror', None) or 'bad text'})")
        return None
    if done.returncode:
        source.notes.append(f"the command failed with exit code {done.returncode}")
        return None
    return done.stdout
