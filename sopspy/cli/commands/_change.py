"""What `set`, `unset` and `edit` share: open a file, make its new plaintext, seal it with the same data key, write it.

Must not write in clear what today's creation rule would encrypt (`context.today_of`), and must not write at all when
somebody else has changed the file meanwhile.
"""

from __future__ import annotations

from ...errors import PathError, ValueFormatError
from ...operations.decrypt import decrypt
from ...operations.extract import parse_path
from ...operations.reseal import reseal
from ..context import config_of, indent_of, today_of
from . import key_ring, now, read_input, sealed_formats_of, warn_about, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...metadata import Options
    from ...operations.decrypt import Decrypted
    from ..parse import Request


class Existing:
    """An encrypted file that was opened to be changed. `before` is what it held."""

    __slots__ = ("_indent", "_target", "_today", "before", "old", "path")

    def __init__(self, request: Request, path: str) -> None:
        """Read and open the file. Raises SopsError."""
        self.path = path
        source_format, self._target = sealed_formats_of(request, path)
        config = config_of(request)
        self._indent = None if self._target == source_format else indent_of(request, config, self._target)
        self._today: Options | None = today_of(
            request, config, request.text("filename-override") or path, source_format
        )
        ring = key_ring(request)
        request.subject = path
        self.before = read_input(path)
        self.old: Decrypted = decrypt(self.before, source_format, ring, ignore_mac=request.flag("ignore-mac"))

    def sealed(self, plain: bytes, *, raise_version: bool = False) -> bytes:
        """The encrypted file for a new plaintext in the old format. Raises SopsError."""
        data = reseal(self.old, plain, now(), self._today, raise_version=raise_version)
        if self._target == self.old.document.format:
            return data
        from ._convert import seal_as

        return seal_as(self.old, plain, self._target, self._indent)

    def write(self, data: bytes) -> None:
        """Put the encrypted file in place. Raises OutputError."""
        write_file(self.path, data, self.before, plaintext=False)


def change(request: Request, path: str, make: Callable[[Decrypted], bytes | None]) -> int:
    """Change a file by a function of its opened form; None means that there is nothing to write."""
    existing = Existing(request, path)
    plain = make(existing.old)
    warn_about(request, existing.old.warnings)
    if plain is not None:
        existing.write(existing.sealed(plain))
    return 0


def index_steps(text: str) -> tuple[str | int, ...]:
    """The path in an INDEX argument. Raises ValueFormatError (exit 7)."""
    try:
        steps = parse_path(text)
    except PathError as err:
        raise ValueFormatError(err.message, hint=err.hints) from None
    if not steps:
        raise ValueFormatError("the index is empty", hint='name a value, as \'["database"]["hosts"][0]\'')
    return steps
