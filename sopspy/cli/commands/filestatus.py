"""`sopspy filestatus`: whether a file is encrypted, as one line of JSON. Source: sops 3.13.2."""

from __future__ import annotations

from ...errors import MetadataError, ParseError, SopsError, UsageError
from ...operations.decrypt import load
from . import NO_FILE, formats_of, read_input, write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Print the status. Raises SopsError (exit 1) for a file that cannot be read or parsed."""
    if not request.positionals:
        raise UsageError("no file specified", hint="sopspy help filestatus", exit_code=NO_FILE)
    path = request.positionals[0]
    request.subject = path
    try:
        encrypted = _is_encrypted(read_input(path), formats_of(request, path)[0])
    except SopsError as err:
        err.exit_code = 1
        raise
    write_stdout(b'{"encrypted":%s}\n' % (b"true" if encrypted else b"false"))
    return 0


def _is_encrypted(data: bytes, format: str) -> bool:
    """Whether it has usable metadata with a MAC. Raises SopsError for metadata that is broken."""
    try:
        metadata = load(data, format)[3]
    except MetadataError as err:
        if err.path or err.line:
            raise
        return False
    except ParseError:
        if format == "binary":  # any bytes are a plain binary file; sops fails here
            return False
        raise
    return bool(metadata.mac)
