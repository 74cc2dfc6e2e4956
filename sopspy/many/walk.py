"""Which files are meant: those that are named, and those in folders that are named.

In folders, links are not followed, and what tools keep for themselves is passed over. Must not open files that are no
regular ones.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PASSED_OVER = frozenset(
    (".git", ".hg", ".svn", ".bzr", ".jj", ".venv", ".tox", "node_modules", "__pycache__", ".terraform")
)
"""Folders whose files are not the user's own."""

_MARK, _TOKEN = b"sops", b"ENC[AES256_GCM,"
_TEXTS = (".yaml", ".yml", ".json", ".env", ".ini")
_REMOTE = (b"arn:aws", b"resource_id", b"vault_url", b"vault_address")
"""What stands in the metadata of a file with a key in a network, and seldom anywhere else."""


class Found:
    """A file: `path` as it is shown, `inner` its path below the folder that was named ("" when itself was)."""

    __slots__ = ("inner", "path")

    def __init__(self, path: str, inner: str = "") -> None:
        self.path = path
        self.inner = inner

    def __repr__(self) -> str:
        return f"Found({self.path!r})"


def walk(names: list[str], without: str = "") -> Iterator[Found]:
    """The files that `names` mean, in order, each once. `without`: a folder that is not walked, such as the output's.

    Names of what does not exist are given too: reading them says what is wrong.
    """
    seen: set[str] = set()
    hidden = os.path.realpath(without) if without else ""
    for name in names:
        files = _inside(name, hidden) if os.path.isdir(name) else [Found(name)]
        for found in files:
            real = os.path.realpath(found.path)
            if real not in seen:
                seen.add(real)
                yield found


def _inside(folder: str, hidden: str) -> Iterator[Found]:
    for place, folders, names in os.walk(folder):
        kept = sorted(name for name in folders if name not in PASSED_OVER)
        folders[:] = [name for name in kept if os.path.realpath(os.path.join(place, name)) != hidden]
        for name in sorted(names):
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield Found(os.path.normpath(path), os.path.relpath(path, folder))


def looks_encrypted(path: str) -> bool:
    """Whether a file of a folder may be one of ours: it has the tokens that every encrypted file has.

    A file whose format is not known by its name is one only when it is JSON, as encrypted binary files are.
    """
    try:
        with open(path, "rb") as file:
            if not path.endswith(_TEXTS):
                head = file.read(64)
                if head.lstrip()[:1] != b"{":
                    return False
                file.seek(0)
            data = file.read()
    except OSError:
        return True  # working on it says why
    return _MARK in data and _TOKEN in data


def needs_network(path: str) -> bool:
    """Whether opening a file may ask a key service in a network, as far as its bytes tell."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return False
    return asks_network(data)


def asks_network(data: bytes) -> bool:
    """The same for the bytes of a file."""
    return any(mark in data for mark in _REMOTE)
