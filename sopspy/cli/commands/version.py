"""`sopspy --version`, and `sops --version` as programs that drive sops expect it.

Must not ask any server whether it is the latest.
"""

from __future__ import annotations

from . import warn, write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

_RELEASES = "https://pypi.org/project/sopspy"


def run(request: Request) -> int:
    """Print the name and the version, and which sops' file format is written."""
    from ... import cli
    from ...metadata import VERSION

    if request.flag("check-for-updates"):
        warn(request, f"no server is asked; the newest version is on {_RELEASES}")
    if cli.program == "sops":
        write_stdout(f"sops {VERSION}\n".encode())
        return 0
    from importlib.metadata import PackageNotFoundError, version

    try:
        own = version("sopspy")
    except PackageNotFoundError:
        own = "(not installed)"
    write_stdout(f"sopspy {own}, file format of sops {VERSION}\n".encode())
    return 0
