"""The program `sopspy-krm`: the kustomize plugin, called as a KRM function or as a legacy plugin, told by its call.

Must not print anything of the result before all of it is right, and never what is in a configuration. One line for
each file that failed, exit 1. As a KRM function a failure is also told as `results`, for callers that read them.
"""

from __future__ import annotations

import os
import sys

from ..errors import SopsError, UsageError
from . import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

_HELP = """\
sopspy-krm: decrypts files for kustomize

As a KRM function (kustomize build --enable-alpha-plugins --enable-exec), named in the generator's annotations:
  config.kubernetes.io/function: |
    exec:
      path: sopspy-krm
As a legacy plugin (kustomize build --enable-alpha-plugins, kubectl kustomize --enable-alpha-plugins):
  sopspy install-plugin
By hand: sopspy-krm CONFIG.yaml
"""


def entry() -> NoReturn:
    """The console script `sopspy-krm`."""
    import gc

    from .. import fast
    from .cores import forbid_core_dumps
    from .main import leave

    forbid_core_dumps()
    gc.disable()  # it is over before there is anything worth collecting
    fast.lean = True
    leave(main(sys.argv[1:], os.environ))


def main(argv: list[str], environ: Mapping[str, str]) -> int:
    """Serve one call. Returns the exit code; raises nothing."""
    try:
        return _run(argv, environ)
    except SopsError as err:
        for one in getattr(err, "errors", [err]):
            report.show_error(one, environ)
        if not argv:
            _show_results(getattr(err, "errors", [err]))
        return 1
    except KeyboardInterrupt:
        return 130
    except BaseException as err:  # a traceback could show values
        report.show_crash(err, environ)
        return 1


def _run(argv: list[str], environ: Mapping[str, str]) -> int:
    if len(argv) > 1:
        raise UsageError("only the name of a configuration is expected", hint="a repository may not pass arguments")
    if argv[:1] in (["-h"], ["--help"]) or (not argv and sys.stdin.isatty()):
        sys.stderr.write(_HELP)
        return 1
    from ..keys.ring import KeyRing
    from ..keys.trust import UNATTENDED
    from ..kubernetes.confine import Tree, find_root
    from ..kubernetes.krm import Call
    from .commands import read_input, write_stdout

    environ = {**environ, UNATTENDED: "1"}
    call = Call(Tree(os.curdir, find_root(os.curdir, environ)), KeyRing(environ), environ)
    data = read_input(argv[0] if argv else "")
    text = call.legacy(data, os.path.basename(argv[0])) if argv else call.function(data)
    for line in call.warnings:
        report.show_warning(line, environ)
    write_stdout(text.encode("utf-8", "surrogateescape"))
    return 0


def _show_results(errors: list[SopsError]) -> None:
    from ..formats.yaml_dump import dump
    from ..tree import Mapping, Sequence

    made = Mapping([("apiVersion", "config.kubernetes.io/v1"), ("kind", "ResourceList"), ("items", Sequence())])
    results = (Mapping([("message", report.safe(str(err))), ("severity", "error")]) for err in errors)
    made.append(("results", Sequence(results)))
    sys.stdout.write(dump(made, 2))
