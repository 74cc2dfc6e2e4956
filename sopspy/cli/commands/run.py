"""`sopspy run FILE… -- PROGRAM ARGUMENT…`: become a program that has the values of files as variables. Not in sops.

The program takes the place of this process, so nothing has to be forwarded, awaited or cleaned up; no secret is ever in
the list of processes.
"""

from __future__ import annotations

from ...errors import SopsError, UsageError
from ...files import child
from ...operations.decrypt import decrypt
from ...operations.environment import Naming, chosen
from . import formats_of, key_ring, read_input, warn_about
from ._shell import inherited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Become the program. Raises SopsError: 127 when it is not found, 126 when it cannot be started."""
    files, words = _words(request)
    own = _variables(request, files)
    request.subject = None
    child.replace(words, {**inherited(request), **own}, search=True)


def _words(request: Request) -> tuple[list[str], list[str]]:
    """The files, and the program with its arguments. Raises UsageError."""
    form = "sopspy run FILE -- PROGRAM ARGUMENT"
    if request.divide < 0:
        raise UsageError("no program: it stands behind --", hint=form)
    files, words = request.positionals[: request.divide], request.positionals[request.divide :]
    if not files:
        raise UsageError("no file specified", hint=form, exit_code=100)
    if not words:
        raise UsageError("no program stands behind --", hint=form)
    return files, words


def _variables(request: Request, files: list[str]) -> dict[bytes, bytes]:
    """The variables of all files; a later file wins. Raises SopsError also for a wanted key that no file has."""
    naming = Naming(
        request.items("only"), request.text("prefix"), flatten=request.flag("flatten"), upper=request.flag("upper")
    )
    ring = key_ring(request)
    made: dict[bytes, bytes] = {}
    found: set[str] = set()
    for path in files:
        request.subject = path
        opened = decrypt(read_input(path), formats_of(request, path)[0], ring)
        warn_about(request, opened.warnings)
        own, seen = chosen(opened, naming)
        made |= own
        found |= seen
    request.subject = None
    missing = [key for key in naming.only if key not in found]
    if missing:
        raise SopsError(f"no file has the key {missing[0]}", hint="see the keys: sopspy decrypt FILE")
    return made
