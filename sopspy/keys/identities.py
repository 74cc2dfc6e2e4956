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

_SSH_VARIABLES = ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD")
_LATER = "not available in this version"


class Identity:
    """An identity that can unwrap, and the recipient it belongs to. Its `repr` shows the recipient only."""

    __slots__ = ("key", "recipient")

    def __init__(self, key: Any, recipient: str) -> None:
        self.key = key
        self.recipient = recipient

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
    sources = [_later(name) for name in _SSH_VARIABLES if name in environ]
    if "SOPS_AGE_KEY" in environ:
        source = Source("SOPS_AGE_KEY")
        _read_text(source, environ["SOPS_AGE_KEY"].encode("utf-8", "surrogateescape"), words=True)
        sources.append(source)
    if "SOPS_AGE_KEY_FILE" in environ:
        sources.append(_variable_file(environ["SOPS_AGE_KEY_FILE"]))
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
        _read_text(source, output)
    return source


def absent(environ: Mapping[str, str]) -> list[str]:
    """The variables that were looked for and are not set."""
    return [name for name in ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD") if name not in environ]


def _later(name: str) -> Source:
    source = Source(name)
    source.notes.append(f"SSH keys are {_LATER}")
    return source


def _variable_file(path: str) -> Source:
    if "AGE-SECRET-KEY" in path:
        # A common mix-up, and the label of the source goes into reports.
        source = Source("SOPS_AGE_KEY_FILE")
        source.notes.append("holds an identity instead of a path: use SOPS_AGE_KEY")
        return source
    return _read_file(Source(f"SOPS_AGE_KEY_FILE={path}"), path)


def _user_source(environ: Mapping[str, str], platform: str) -> Source:
    try:
        folder = config_folder(environ, platform)
    except ValueError as err:
        source = Source("keys.txt of the user")
        source.notes.append(str(err))
        source.missing = True
        return source
    path = os.path.join(folder, "sops", "age", "keys.txt")
    return _read_file(Source(path), path)


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


def _read_file(source: Source, path: str) -> Source:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_IDENTITY_BYTES + 1)
    except FileNotFoundError:
        source.notes.append("no such file")
        source.missing = True
    except (OSError, ValueError) as err:
        source.notes.append(f"cannot be read ({getattr(err, 'strerror', None) or 'bad path'})")
    else:
        _read_text(source, data)
    return source


def _read_text(source: Source, data: bytes, *, words: bool = False) -> None:
    """The identities of a key file: one a line, or with `words` one a word; one bad line rejects the source."""
    if len(data) > MAX_IDENTITY_BYTES:
        source.notes.append(f"larger than {MAX_IDENTITY_BYTES >> 20} MiB")
        return
    if data.startswith((b"age-encryption", b"-----BEGIN AGE")):
        source.notes.append(f"passphrase-protected identity files are {_LATER}")
        return
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
    """Add one identity, or a note on why it cannot be used yet. Raises ValueError for what is no identity."""
    from pyrage import IdentityError, x25519

    kinds = {"AGE-PLUGIN-": "plugin", "AGE-SECRET-KEY-PQ-1": "post-quantum"}
    later = next((kind for start, kind in kinds.items() if text.startswith(start)), None)
    if later is not None:
        source.notes.append(f"{later} identities are {_LATER}")
        return
    if not text.startswith("AGE-SECRET-KEY-1"):
        raise ValueError("unknown identity type")
    try:
        key = x25519.Identity.from_str(text)
    except IdentityError:
        raise ValueError("malformed identity") from None
    source.identities.append(Identity(key, str(key.to_public())))


def _run(source: Source, environ: Mapping[str, str], recipient: str) -> bytes | None:
    """The output of `SOPS_AGE_KEY_CMD`, run without a shell. Its text is not repeated: it may hold a secret."""
    import shlex
    import subprocess

    try:
        words = shlex.split(environ["SOPS_AGE_KEY_CMD"], comments=True)
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
