"""Where the program starts: read the command line, run the command, turn what went wrong into an exit code.

Must not know any command: `parse` names the module, and only that module is loaded. No exception leaves it, and none
is shown with its text unless it is a `SopsError`. What is done to the process as a whole (garbage collection, the way
it ends) is done in `entry` alone, so that `main` can be called from anywhere.
"""

from __future__ import annotations

import os
import sys

from ..errors import SopsError
from .parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from .parse import Request

INTERRUPTED, BROKEN_PIPE = 130, 141
"""What a shell sees of a program that SIGINT or SIGPIPE ended."""


def entry() -> NoReturn:
    """The console script `sopspy`."""
    import gc

    from .. import cli, fast
    from .cores import forbid_core_dumps

    forbid_core_dumps()
    if os.path.basename(sys.argv[0]).removesuffix(".exe") == "sops":
        cli.program = "sops"  # a link of this name stands in for it
    gc.disable()  # a command is over before there is anything worth collecting
    fast.lean = True  # this process is ours alone
    leave(main(sys.argv[1:], os.environ))


def leave(code: int) -> NoReturn:
    """End this process with an exit code, by the shortest way that loses nothing."""
    from .. import fast

    if not _flushed():
        code = code or BROKEN_PIPE
    fast.leave(code)


def main(argv: list[str], environ: Mapping[str, str]) -> int:
    """Run one command line (without the program's name). Returns the exit code; raises nothing."""
    try:
        return _run(argv, environ)
    except SopsError as err:
        from . import report

        report.show_error(err, environ)
        return err.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except BaseException as err:  # a traceback could show values
        from . import report

        report.show_crash(err, environ)
        return 1


def _run(argv: list[str], environ: Mapping[str, str]) -> int:
    request = parse(argv, environ)
    if request.stray:
        _warn_stray(request)
    module = __import__(f"sopspy.cli.commands.{request.command.replace('-', '_')}", fromlist=("run",))
    try:
        code: int = module.run(request)
    except SopsError as err:
        err.named(request.subject)
        raise
    finally:
        if request.flag("verbose") and request.ring is not None:
            from . import report

            report.show_calls(request.ring.counts)
    return code


def _warn_stray(request: Request) -> None:
    """Options of a command have no effect before it, as in sops, which does not say so."""
    from . import report

    for name in request.stray:
        report.show_warning(
            f"{name} has no effect before the command: put it behind {request.command}", request.environ
        )


def _flushed() -> bool:
    """Empty both streams; False when nobody reads standard output any more."""
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            # The interpreter would try again on its way out and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            return False
    return True
