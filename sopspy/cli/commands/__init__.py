"""What the commands share: which file, which formats, reading the input and writing the result.

One module per command stands beside this one, each with `run(request) -> exit code`. Must not know creation rules
(`context` does) or do what an operation does. Order of checks and exit codes: sops 3.13.2, docs/compatibility.md.
"""

from __future__ import annotations

import os
import sys

from ...errors import ConflictError, DataKeyError, FileError, MissingFileError, OutputError, SopsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...files.atomic import Before
    from ...keys.ring import KeyRing
    from ..parse import Request

NO_FILE = 100
STDIN = ""
"""The name of the input when no file is given."""


def only_file(request: Request) -> str:
    """The file of a command that works on one; `STDIN` when none is given. Further ones are not used, as in sops."""
    if len(request.positionals) > 1:
        warn(request, f"only the first file is used: {request.positionals[0]}")
    if request.positionals and not request.positionals[0]:
        hint = "leave it out to read standard input" if request.command in ("encrypt", "decrypt") else ""
        raise FileError("the name of the file is empty", hint=hint)
    return request.positionals[0] if request.positionals else STDIN


def required_file(request: Request) -> str:
    """The same where there has to be one. Raises UsageError (exit 100)."""
    if not request.positionals:
        raise UsageError("no file specified", hint=f"sopspy help {request.command}", exit_code=NO_FILE)
    return only_file(request)


def several(request: Request) -> bool:
    """Whether `_fleet` has the request to do: it names a folder, or says what becomes of several files.

    Further names alone are not used, as in sops.
    """
    names = request.positionals
    if request.text("output-dir") or request.flag("dry-run") or request.flag("json"):
        return True
    return (len(names) > 1 and request.flag("in-place")) or any(map(os.path.isdir, names))


def check_target(request: Request, path: str) -> None:
    """Raise ConflictError when the result would have two places to go, or none."""
    if request.flag("in-place") and path == STDIN:
        raise ConflictError("cannot write back to standard input", hint="name a file, or leave out --in-place")
    if request.flag("in-place") and request.text("output"):
        raise ConflictError("cannot use --output together with --in-place")


def check_exists(path: str) -> None:
    """Raise MissingFileError (exit 100) for a file that is not there."""
    if path != STDIN:
        try:
            os.stat(path)
        except FileNotFoundError:
            raise MissingFileError("no such file", file=path) from None
        except (OSError, ValueError):
            return  # reading it says more


def read_input(path: str) -> bytes:
    """The bytes of a file, or of standard input. Raises FileError (exit 2)."""
    try:
        if path == STDIN:
            return sys.stdin.buffer.read()
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError, AttributeError) as err:
        if isinstance(err, IsADirectoryError):
            raise FileError("is a folder, not a file", file=path) from None
        reason = getattr(err, "strerror", None) or "is closed, or no name for a file"
        raise FileError(f"cannot be read: {reason.lower()}", file=path or "standard input") from None


def formats_of(request: Request, path: str) -> tuple[str, str]:
    """The formats of the input and of the output. A type that does not exist counts as not given, as in sops."""
    from ...formats.base import NAMES, detect

    own = detect(request.text("filename-override") or path)
    given = request.text("input-type"), request.text("output-type")
    return given[0] if given[0] in NAMES else own, given[1] if given[1] in NAMES else own


def sealed_formats_of(request: Request, path: str) -> tuple[str, str]:
    """The formats where the output is encrypted: what is made binary there is JSON, as in sops."""
    source, target = formats_of(request, path)
    return source, "json" if target == "binary" != source else target


def key_ring(request: Request) -> KeyRing:
    """The key services that the request allows. Raises UsageError (exit 112) for a repeated kind of key."""
    from ...keys.ring import KeyRing, parse_order

    order = parse_order(request.text("decryption-order"))
    if not request.flag("enable-local-keyservice"):
        if not request.items("keyservice"):
            kind = SopsError if request.command == "encrypt" else DataKeyError
            raise kind("no key services: the local one is switched off and no other is named")
        raise SopsError(
            "--keyservice is not available in this version", hint="leave out --enable-local-keyservice=false"
        )
    if request.items("keyservice"):
        warn(request, "--keyservice is not available in this version: only local keys are used")
    request.ring = KeyRing(request.environ, order)
    return request.ring


def write_result(request: Request, data: bytes, before: bytes, *, plaintext: bool) -> None:
    """Write the result where the request wants it; `before` is what the input held.

    Raises OutputError (exit 3), also when somebody else has changed the input meanwhile.
    """
    if request.flag("in-place"):
        write_file(request.positionals[0], data, before, plaintext=plaintext)
    elif request.text("output"):
        write_file(request.text("output"), data, None, plaintext=plaintext)
    else:
        write_stdout(data)


def write_file(path: str, data: bytes, before: Before, *, plaintext: bool) -> None:
    """Write a whole file, unless it no longer holds `before` (None: whatever it holds). Raises OutputError."""
    from ...files import atomic

    write = atomic.write_plaintext if plaintext else atomic.write_encrypted
    write(path, data, before)


def write_stdout(data: bytes) -> None:
    """Write bytes to standard output as they are. Raises OutputError (exit 1); BrokenPipeError when nobody reads."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except (OSError, AttributeError) as err:
        reason = getattr(err, "strerror", None) or "is closed"
        raise OutputError(f"cannot be written: {reason.lower()}", file="standard output", exit_code=1) from None


def warn(request: Request, text: str) -> None:
    """Tell the user something that does not stop the command."""
    from .. import report

    report.show_warning(text, request.environ)


def warn_about(request: Request, lines: list[str]) -> None:
    """Warn about the file at hand; a line may begin with the place in it, as `12:3: `."""
    for line in lines:
        file = request.subject or ""
        warn(request, f"{file}{':' if line[:1].isdigit() else ': '}{line}" if file else line)


def now() -> str:
    """The time of the clock as metadata has it: RFC 3339 in UTC, whole seconds."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
