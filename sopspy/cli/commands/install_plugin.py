"""`sopspy install-plugin [HOME]`: the legacy plugin home of kustomize, our program under every kind that it serves.

Source: kustomize 5: `<home>/<group>/<version>/<lower-case kind>/<Kind>`, and where it looks for the home.
"""

from __future__ import annotations

import os
import sys

from ...files.links import link, program
from ...kubernetes.config import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..parse import Request


def run(request: Request) -> int:
    """Lay out the plugin home. Raises OutputError (exit 3)."""
    home = request.positionals[0] if request.positionals else default_home(request.environ)
    target = program("sopspy-krm")
    for group, kind in KINDS:
        path = link(os.path.join(home, *group.split("/"), kind.lower()), kind, target)
        sys.stderr.write(f"wrote {path}\n")
    if home != default_home(request.environ):
        sys.stderr.write(f"tell kustomize of it: export KUSTOMIZE_PLUGIN_HOME={home}\n")
    return 0


def default_home(environ: Mapping[str, str]) -> str:
    """Where kustomize looks for plugins."""
    if environ.get("KUSTOMIZE_PLUGIN_HOME"):
        return environ["KUSTOMIZE_PLUGIN_HOME"]
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", ""), ".config")
    return os.path.join(base, "kustomize", "plugin")
