"""`sopspy --version`. Must not ask any server whether it is the latest."""

from __future__ import annotations

from . import write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Print the name and the version, and which sops' file format is written."""
    from importlib.metadata import PackageNotFoundError, version

    from ...metadata import VERSION

    try:
        own = version("sopspy")
    except PackageNotFoundError:
        own = "(not installed)"
    write_stdout(f"sopspy {own}, file format of sops {VERSION}\n".encode())
    return 0
