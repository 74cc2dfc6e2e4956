"""Files of a repository, read so that nothing outside of it can be reached.

Responsible for where the repository ends and for opening a path inside it: no absolute path, no way out through `..`
or a symbolic link, regular files of a bounded size only. The path is resolved once and then walked from the root
without following links, so that a link that appears meanwhile leads nowhere. Must not know what the bytes mean.
Source: openat(2); the size is Flux's limit for the same files.
"""

from __future__ import annotations

import os
import stat

from ..errors import FileError, MissingFileError, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT_VARIABLE = "SOPSPY_ROOT"
MAX_FILE_BYTES = 5 << 20
_ARGO_WORK = "_cmp_server"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def find_root(folder: str, environ: Mapping[str, str]) -> str:
    """The repository around `folder`: `SOPSPY_ROOT`, else where `.git` is or Argo CD unpacked it, else `folder`."""
    own = environ.get(ROOT_VARIABLE)
    if own:
        return os.path.realpath(own)
    start = step = os.path.realpath(folder)
    while True:
        above = os.path.dirname(step)
        if os.path.lexists(os.path.join(step, ".git")) or os.path.basename(above) == _ARGO_WORK:
            return step
        if above == step:
            return start
        step = above


class Tree:
    """The files below `root`; relative paths belong to `folder`, which is inside."""

    __slots__ = ("folder", "root")

    def __init__(self, folder: str, root: str) -> None:
        self.folder = os.path.realpath(folder)
        self.root = root
        if not _inside(self.folder, root):
            raise RefusedError(f"the folder is outside of the repository {root}", file=folder)

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises RefusedError, MissingFileError, FileError; `path` as it is written names it."""
        if os.path.isabs(path) or "\0" in path or not path:
            raise RefusedError("an absolute path is refused here" if path else "the path is empty", file=path or None)
        try:
            full = os.path.realpath(os.path.join(self.folder, path))
            if not _inside(full, self.root):
                raise RefusedError("leads out of the repository", hint=_OUTSIDE, file=path)
            return _read(self.root, os.path.relpath(full, self.root), path)
        except FileNotFoundError:
            raise MissingFileError("no such file", file=path) from None
        except OSError as err:
            raise FileError(f"cannot be read: {(err.strerror or 'bad name').lower()}", file=path) from None

    def __repr__(self) -> str:
        return f"Tree({self.folder!r} in {self.root!r})"


_OUTSIDE = "only files of the repository itself are decrypted; copy it in, or set SOPSPY_ROOT to a folder above"


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _read(root: str, path: str, shown: str) -> bytes:
    *folders, name = path.split(os.sep)
    at = os.open(root, _FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=at)
            os.close(at)
            at = inner
        file = os.open(name, _FILE, dir_fd=at)
    finally:
        os.close(at)
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise RefusedError("is not a regular file", file=shown)
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise RefusedError(f"is larger than {MAX_FILE_BYTES >> 20} MiB", file=shown)
    return data
