"""`sopspy keygen`: a new age identity where sops looks for it. Its recipient is printed, the identity never is.

Must not change a file that exists: whoever loses an identity loses what was encrypted to it.
"""

from __future__ import annotations

import os
import sys

from ...errors import ConfigError, FileError, OutputError, UsageError
from . import now, write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Make an identity, or show recipients. Raises OutputError when its file exists or cannot be made."""
    if request.flag("recipients"):
        return _show(request)
    if request.positionals:
        raise UsageError(f"keygen takes no file without -y: {request.positionals[0]}", hint="sopspy keygen -o FILE")
    path = request.text("output") or _default_path(request)
    identity, recipient = _make(post_quantum=request.flag("pq"))
    _create(path, f"# created: {now()}\n# public key: {recipient}\n{identity}\n")
    write_stdout(f"{recipient}\n".encode())
    sys.stderr.write(f"the identity is in {path}: keep a copy in a safe place\n")
    return 0


def _make(*, post_quantum: bool) -> tuple[str, str]:
    if post_quantum:
        from ...keys.age_hybrid import generate

        return generate()
    from pyrage import x25519

    made = x25519.Identity.generate()
    return str(made), str(made.to_public())


def _show(request: Request) -> int:
    """The recipients of a file, or of standard input, one a line, as age-keygen shows them."""
    from ...keys.identities import recipients_of
    from ...limits import MAX_IDENTITY_BYTES

    path = request.positionals[0] if request.positionals else "-"
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_IDENTITY_BYTES + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(MAX_IDENTITY_BYTES + 1)
    except OSError as err:
        raise FileError(f"cannot be read: {(err.strerror or 'bad path').lower()}", file=path) from None
    try:
        found = recipients_of(path, data, request.environ)
    except ValueError as err:
        raise ConfigError(str(err), file=path) from None
    if not found:
        raise ConfigError("holds no identity", file=path, hint="make one: sopspy keygen")
    write_stdout("".join(f"{one}\n" for one in found).encode())
    return 0


def _default_path(request: Request) -> str:
    from ...keys.identities import config_folder

    try:
        folder = config_folder(request.environ, sys.platform)
    except ValueError as err:
        raise ConfigError(f"no place for the identity: {err}", hint="name one: sopspy keygen -o keys.txt") from None
    return os.path.join(folder, "sops", "age", "keys.txt")


def _create(path: str, text: str) -> None:
    """Make the file, for its owner alone, and only if it is not there yet."""
    from ...files import atomic

    if os.path.lexists(path):
        raise OutputError(
            "exists already and is not overwritten",
            file=path,
            hint=("its recipient is in it, behind `public key:`", "for one more identity: sopspy keygen -o other.txt"),
        )
    try:
        os.makedirs(os.path.dirname(path) or ".", 0o700, exist_ok=True)
    except OSError as err:
        raise OutputError(f"cannot be written: {(err.strerror or 'no folder').lower()}", file=path) from None
    atomic.write_plaintext(path, text.encode(), atomic.MISSING)
