"""`sopspy set`: one value of an encrypted file, in place. The value is JSON and never appears in a message."""

from __future__ import annotations

from ...errors import FileError, UsageError, ValueFormatError
from ...operations.set_value import parse_value, set_value
from . import NO_FILE, STDIN, read_input
from ._change import change, index_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...operations.decrypt import Decrypted
    from ..parse import Request


def run(request: Request) -> int:
    """Set a value. Raises SopsError."""
    path, index = _arguments(request)
    steps = index_steps(index)
    text = _value(request)
    parse_value(text)  # what is wrong with it is said before the file is opened

    def make(old: Decrypted) -> bytes | None:
        plain = set_value(old, steps, text)
        return None if request.flag("idempotent") and plain == old.data else plain

    return change(request, path, make)


def _arguments(request: Request) -> tuple[str, str]:
    if request.flag("value-file") and request.flag("value-stdin"):
        raise UsageError("cannot use both --value-file and --value-stdin")
    wanted = ["FILE", "INDEX"] if request.flag("value-stdin") else ["FILE", "INDEX", "VALUE"]
    count = len(request.positionals)
    if count != len(wanted):
        raise UsageError(
            f"set needs {' '.join(wanted)}, but there {'is' if count == 1 else 'are'} {count} of them",
            hint="""for example: sopspy set secrets.yaml '["database"]["password"]' '"s3cret"'""",
            exit_code=NO_FILE,
        )
    return request.positionals[0], request.positionals[1]


def _value(request: Request) -> str:
    """The JSON text of the value, from where the request says. Raises ValueFormatError when it is not UTF-8."""
    if not request.flag("value-file") and not request.flag("value-stdin"):
        return request.positionals[2]
    try:
        return read_input(STDIN if request.flag("value-stdin") else request.positionals[2]).decode()
    except UnicodeDecodeError:
        raise ValueFormatError("the value is not valid UTF-8") from None
    except FileError as err:
        err.exit_code = 1  # as in sops: exit 2 is about the encrypted file
        raise
