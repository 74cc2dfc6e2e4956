"""`sopspy install-shims DIR`: programs of other names that call this one, for wrappers that look for those names."""

from __future__ import annotations

import sys

from ...errors import UsageError
from ...files.links import link, program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Put the links into the folder. Raises OutputError (exit 3) for what stands in their place."""
    if not request.positionals:
        raise UsageError("no folder given", hint="sopspy install-shims ~/bin --ksops")
    folder = request.positionals[0]
    names = [("ksops", "sopspy-krm")] if request.flag("ksops") else []
    names += [("sops", "sopspy")] if request.flag("sops") or not names else []
    for name, ours in names:
        sys.stderr.write(f"wrote {link(folder, name, program(ours))}\n")
    return 0
