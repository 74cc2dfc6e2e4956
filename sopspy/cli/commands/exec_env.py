"""`sopspy exec-env`: a shell command with the values of a file as variables, where they win. Source: sops 3.13.2."""

from __future__ import annotations

from ...errors import ConflictError
from ...files import child
from ...operations.decrypt import decrypt
from ...operations.environment import variables
from . import formats_of, key_ring, read_input, warn_about
from ._shell import exit_code, inherited, warn_background, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Run the command. Returns its exit code; raises SopsError."""
    path, command = words_of(request)
    ring = key_ring(request)
    warn_background(request)
    if request.flag("background") and request.flag("same-process"):
        raise ConflictError("the --same-process flag cannot be used with --background")
    opened = decrypt(read_input(path), formats_of(request, path)[0], ring)
    warn_about(request, opened.warnings)
    own = variables(opened)
    environ = {**inherited(request), **own}
    if request.flag("same-process"):
        child.replace(["/bin/sh", "-c", command], environ)
    if request.flag("background"):
        child.start(command, environ, attached=False)
        return 0
    from ...files.interrupts import Interrupts

    with Interrupts(child.PASSED_ON) as interrupts:
        return exit_code(request, child.wait(child.start(command, environ), interrupts))
