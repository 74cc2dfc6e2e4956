"""`sopspy decrypt`: plaintext to standard output, to `--output` or in place, and only when all of it is genuine.

The configuration is read only when it is named, or when something is written anew that it may indent: a broken
`.sops.yaml` locks nobody out of a file (sops stops there).
"""

from __future__ import annotations

from ...operations.decrypt import decrypt
from . import check_exists, check_target, formats_of, key_ring, only_file, read_input, several, warn_about, write_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...keys.ring import KeyRing
    from ...operations.decrypt import Decrypted
    from ..parse import Request


def run(request: Request) -> int:
    """Decrypt one file or several. Raises SopsError."""
    if several(request):
        return _many(request)
    path = only_file(request)
    check_target(request, path)
    check_exists(path)
    if request.text("config"):
        _indent(request, "")
    ring = key_ring(request)
    steps = _steps(request)
    request.subject = path or None
    data, before, warnings = decrypted(request, ring, path, steps)
    warn_about(request, warnings)
    write_result(request, data, before, plaintext=True)
    return 0


def _many(request: Request) -> int:
    from . import _fleet

    _fleet.check(request)
    if request.text("config"):
        _indent(request, "")
    ring = key_ring(request)
    task = _fleet.Task("decrypted", ring, lambda path: decrypted(request, ring, path, ()), plaintext=True)
    return _fleet.run(request, task)


def decrypted(
    request: Request, ring: KeyRing, path: str, steps: tuple[str | int, ...]
) -> tuple[bytes, bytes, list[str]]:
    """The plaintext, what the file holds, and warnings about it."""
    before = read_input(path)
    source_format, target_format = formats_of(request, path)
    opened = decrypt(before, source_format, ring, ignore_mac=request.flag("ignore-mac"))
    kept = request.environ.get("SOPSPY_LAYOUT") != "sops"  # for tools that compare with what sops prints
    same = not steps and source_format == target_format and kept
    data = opened.data if same else _emit(request, opened, steps, target_format)
    return data, before, opened.warnings


def _steps(request: Request) -> tuple[str | int, ...]:
    """The path of `--extract`. Raises PathError (exit 91)."""
    text = request.text("extract")
    if not text:
        return ()
    from ...operations.extract import parse_path

    return parse_path(text)


def _emit(request: Request, opened: Decrypted, steps: tuple[str | int, ...], format: str) -> bytes:
    """A part of the file, or all of it in another format, written anew."""
    from ...operations.extract import convert, extract

    indent = _indent(request, format)
    return extract(opened, steps, format, indent) if steps else convert(opened, format, indent)


def _indent(request: Request, format: str) -> int | None:
    from ..context import config_of, indent_of

    return indent_of(request, config_of(request), format)
