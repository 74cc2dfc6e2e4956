"""What can go wrong: one class per kind, each with sops' exit code for the same case.

A message says what happened, in lower case and without a full stop; a hint says what to do next. Neither ever
holds a value, a key or an identity. Imports nothing. Source of the codes: sops 3.13.2, see docs/compatibility.md.
"""

from __future__ import annotations


class SopsError(Exception):
    """Any failure that sopspy reports.

    Attributes:
        message: what happened, without the place.
        hints: lines that say what to do next, most useful first.
        file: the file as the user named it, or None.
        line, column: one-based place in that file (code points), or 0 when there is none.
        path: the keys and list indexes from the root, e.g. ``("db", "hosts", 0)``, or ().
        excerpt: the *encrypted* text of the line, or "". Never plaintext.
        caret: zero-based place in the excerpt that the error is about; by default the column.
        details: more lines of the report, printed indented under the message.
        exit_code: what the command line exits with.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str | tuple[str, ...] = (),
        file: str | None = None,
        line: int = 0,
        column: int = 0,
        path: tuple[str | int, ...] = (),
        excerpt: str = "",
        details: tuple[str, ...] = (),
        exit_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hints = (hint,) if isinstance(hint, str) else hint
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.excerpt = excerpt
        self.caret: int | None = None
        self.details = details
        if exit_code is not None:
            self.exit_code = exit_code

    def at(self, line: int, column: int = 0, excerpt: str = "") -> SopsError:
        """This error with its place in the text added, if it has none yet."""
        if not self.line:
            self.line, self.column = line, column
            self.excerpt = self.excerpt or excerpt
        return self

    def named(self, file: str | None) -> SopsError:
        """This error with the name of its file added, if it has none yet."""
        if self.file is None:
            self.file = file
        return self

    def __str__(self) -> str:
        place = self.file or ""
        if self.line:
            place = f"{place or 'line '}{':' if place else ''}{self.line}" + (f":{self.column}" if self.column else "")
        where = f" ({show_path(self.path)})" if self.path else ""
        return f"{place}: {self.message}{where}" if place else f"{self.message}{where}"


def show_path(path: tuple[str | int, ...]) -> str:
    """``("db", "hosts", 0)`` as ``db: hosts: [0]``, for messages."""
    return ": ".join(f"[{part}]" if isinstance(part, int) else part for part in path)


class UsageError(SopsError):
    """A wrong command line: unknown option, bad value, wrong number of arguments."""


class ConflictError(UsageError):
    """Options that cannot be combined."""

    exit_code = 8


class ConfigError(SopsError):
    """A `.sops.yaml` that cannot be read, or has no rule for the file."""


class ParseError(SopsError):
    """A text that its format does not allow."""

    exit_code = 2


class FileError(SopsError):
    """A file that cannot be read."""

    exit_code = 2


class OutputError(SopsError):
    """A file that cannot be written."""

    exit_code = 3


class ChangedError(OutputError):
    """A file that another process has changed, made or removed since it was read."""


class EmitError(SopsError):
    """Data that the output format cannot hold."""

    exit_code = 4


class ValueFormatError(SopsError):
    """A bad index or JSON value given to `set` or `unset`."""

    exit_code = 7


class EncryptError(SopsError):
    """A value that cannot be encrypted."""

    exit_code = 23


class MetadataError(SopsError):
    """A sops block that is missing or cannot be used."""


class NotEncryptedError(MetadataError):
    """A file without any sops block."""


class TamperedError(SopsError):
    """A value that does not open: changed, moved, or not encrypted where it should be."""

    exit_code = 25


class MacError(SopsError):
    """A MAC that is missing, does not open or does not fit the values."""

    exit_code = 51


class PathError(SopsError):
    """A bad `--extract` path."""

    exit_code = 91


class EmptyFileError(ParseError):
    """A file without any document."""

    exit_code = 92


class MissingFileError(FileError):
    """A file that does not exist."""

    exit_code = 100


class DataKeyError(SopsError):
    """No identity at hand unwraps the data key."""

    exit_code = 128


class EditorError(SopsError):
    """The editor is missing or failed."""

    exit_code = 201


class AlreadyEncryptedError(SopsError):
    """The file has a `sops` entry already."""

    exit_code = 203


class RefusedError(SopsError):
    """Something that is possible but would put a secret at risk."""
