"""Links to our own programs under other names. Must not replace anything that is not such a link."""

from __future__ import annotations

import os
import sys

from ..errors import OutputError


def program(name: str) -> str:
    """The path of one of our console scripts: beside the one that runs, else beside the interpreter."""
    folders = [os.path.dirname(os.path.abspath(sys.argv[0])), os.path.dirname(sys.executable)]
    found = next((path for path in (os.path.join(folder, name) for folder in folders) if os.path.isfile(path)), None)
    if found is None:
        raise OutputError(f"the program {name} is not installed beside this one", hint="pip install sopspy")
    return found


def link(folder: str, name: str, target: str) -> str:
    """Put a link `name` to one of our programs into a folder, which is made; its path. Raises OutputError (exit 3)."""
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder, exist_ok=True)
        if os.path.islink(path) and os.path.basename(os.readlink(path)).startswith("sopspy"):
            os.unlink(path)
        os.symlink(target, path)
    except FileExistsError:
        raise OutputError(
            "exists already and is not a link of ours", file=path, hint=f"remove it first: rm {path}"
        ) from None
    except OSError as err:
        raise OutputError(f"cannot be made: {(err.strerror or 'bad name').lower()}", file=path) from None
    return path
