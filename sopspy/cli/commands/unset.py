"""`sopspy unset`: one value less in an encrypted file, in place."""

from __future__ import annotations

from ...errors import UsageError
from ...operations.set_value import MissingEntryError, unset_value
from . import NO_FILE
from ._change import change, index_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...operations.decrypt import Decrypted
    from ..parse import Request


def run(request: Request) -> int:
    """Remove a value. Raises SopsError."""
    if len(request.positionals) != 2:
        raise UsageError(
            "unset needs FILE and INDEX",
            hint="""for example: sopspy unset secrets.yaml '["database"]["password"]'""",
            exit_code=NO_FILE,
        )
    path, index = request.positionals
    steps = index_steps(index)

    def make(old: Decrypted) -> bytes | None:
        try:
            return unset_value(old, steps)
        except MissingEntryError:
            if request.flag("idempotent"):
                return None
            raise

    return change(request, path, make)
