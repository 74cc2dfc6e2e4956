"""`sopspy exec-file`: a shell command that finds the decrypted file under a temporary name. Source: sops 3.13.2.

The plaintext is in a named pipe or in a private folder in memory, and gone when the command ends, also with
`--background` (where sops removes it at once): there a process of ours stays until then.
"""

from __future__ import annotations

import os

from ...errors import SopsError
from ...files import child
from ...files.private import PrivateFolder, sweep
from . import key_ring, warn, warn_about
from ._shell import exit_code, inherited, warn_background, words_of
from .decrypt import decrypted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..parse import Request

_NAME = "tmp-file"


def run(request: Request) -> int:
    """Run the command. Returns its exit code; raises SopsError."""
    path, command = words_of(request)
    name = _file_name(request)
    data, _, warnings = decrypted(request, key_ring(request), path, ())
    warn_about(request, warnings)
    warn_background(request)
    request.subject = None
    environ = inherited(request)
    for left in sweep(request.environ):
        warn(request, f"removed plaintext that a killed process left: {left}")
    if request.flag("background"):
        return _in_background(lambda started: _serve(request, command, environ, (name, data), started))
    return exit_code(request, _serve(request, command, environ, (name, data)))


def _file_name(request: Request) -> str:
    """The name inside the private folder. Raises SopsError for one that leads elsewhere."""
    name = request.text("filename")
    if not name:
        return _NAME + (os.urandom(5).hex() if request.flag("no-fifo") else "")
    clean = os.path.normpath(name)
    if os.path.isabs(name) or clean.split(os.sep)[0] == os.pardir or "\0" in name:
        raise SopsError(
            "the provided filename is not a local path", hint="give a name without folders: --filename a.txt"
        )
    if os.sep in clean or clean == os.curdir:
        raise SopsError("--filename names a folder that is not there", hint="give a name without folders")
    return clean


def _serve(
    request: Request,
    command: str,
    environ: dict[bytes, bytes],
    content: tuple[str, bytes],
    started: Callable[[], None] | None = None,
) -> int:
    """Run the command while the file is there; the child's status. `started` is called in the background only."""
    name, data = content
    with PrivateFolder(request.environ, len(data), child.PASSED_ON) as folder:

        def go(path: str) -> int:
            process = child.start(command.replace("{}", path), environ, attached=started is None)
            if started is not None:
                started()
            return child.wait(process, folder.interrupts)

        if not request.flag("no-fifo"):
            from ...files.feed import Feed

            with Feed(folder, name, data) as feed:
                return go(feed.path)
        if not folder.in_memory:
            warn(request, f"there is no folder in memory, so the plaintext is on a disk meanwhile: {folder.path}")
        return go(folder.write(name, data))


def _in_background(serve: Callable[[Callable[[], None]], int]) -> int:
    """Leave a process that serves; return when the command has started, or the exit code when it has not."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        if os.read(reader, 1):
            return 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.setsid()

    def started() -> None:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.write(writer, b".")

    code = 1
    try:
        code = serve(started)
    except SopsError as err:
        from .. import report

        report.show_error(err, os.environ)
        code = err.exit_code
    finally:
        os._exit(code & 255)
