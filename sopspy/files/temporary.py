"""Files that stand beside a target until they are whole, and what killed processes left of them.

A temporary file has no name where the system allows that (O_TMPFILE), so a killed process leaves nothing; else it is
named `.sopspy-….tmp`. It is locked (flock) while its writer lives: what has such a name and no lock is a leftover.
Folders are given as open descriptors, and no link is ever followed. Source: open(2), flock(2).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time

_START, _END = ".sopspy-", ".tmp"
_NO_UNNAMED = frozenset((errno.EOPNOTSUPP, errno.ENOSYS, errno.EISDIR, errno.EINVAL, errno.ENOENT))
_LOCK_TRIES = 3000
"""Milliseconds to wait for another writer in the folder. The lock narrows a race; nobody may hang us with it."""

_swept: set[tuple[int, int]] = set()
"""Folders that this process has cleaned, by device and inode: reading a large folder for each file would be dear."""


def open_new(at: int, mode: int) -> tuple[int, str, bool]:
    """An empty locked file in the folder `at`, a name for it, and whether it has that name already. Raises OSError."""
    file = _open_unnamed(at, mode)
    if file >= 0:
        _claim(file)
        return file, _new_name(), False
    while True:
        name = _new_name()  # each time another: a sweep that is under way removes by name
        file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=at)
        if _claim(file) and os.fstat(file).st_nlink:
            return file, name, True
        os.close(file)
        remove(name, at)


def _new_name() -> str:
    """A name that `sweep` recognises."""
    return _START + os.urandom(8).hex() + _END


def link(file: int, at: int, name: str) -> None:
    """Give an unnamed file its name. Raises OSError."""
    os.link(f"/proc/self/fd/{file}", name, dst_dir_fd=at, follow_symlinks=True)


def _open_unnamed(at: int, mode: int) -> int:
    """A file without a name, -1 where the system has none or could not name it later."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag:
        return -1
    try:
        file = os.open(".", flag | os.O_RDWR, mode, dir_fd=at)
    except OSError as err:
        if err.errno in _NO_UNNAMED:
            return -1
        raise
    if os.path.exists(f"/proc/self/fd/{file}"):
        return file
    os.close(file)
    return -1


def _claim(file: int) -> bool:
    """Lock a file until it is closed; False when somebody else holds it. Where there are no locks, nobody does."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def sweep(at: int) -> None:
    """Remove leftovers from the folder `at`, once in a process: our names, our own files, no longer locked."""
    folder = os.fstat(at)
    if (folder.st_dev, folder.st_ino) in _swept:
        return
    _swept.add((folder.st_dev, folder.st_ino))
    try:
        names = os.listdir(at)
    except OSError:
        return
    for name in names:
        if name.startswith(_START) and name.endswith(_END) and len(name) == len(_new_name()):
            _sweep_one(name, at)


def _sweep_one(name: str, at: int) -> None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    except OSError:
        return
    try:
        found = os.fstat(file)
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1
        if ours and not _locked(file):
            remove(name, at)
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held by its writer; or no locks here, and then nothing tells a leftover
        return True
    return False


def lock_folder(at: int) -> None:
    """Lock a folder against other writers of ours, so that a check and the write after it are one step."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(at, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.001)
        except OSError:
            return
        else:
            return


def unlock_folder(at: int) -> None:
    """Undo `lock_folder`, whether it worked or not."""
    try:
        fcntl.flock(at, fcntl.LOCK_UN)
    except OSError:
        return


def fill(file: int, data: bytes | memoryview) -> None:
    """Write all of `data` at the file's offset. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def remove(name: str, at: int | None = None) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(name, dir_fd=at)
    except OSError:
        return


def sync_folder(at: int) -> None:
    """Make the names in a folder durable, as far as its file system can."""
    try:
        os.fsync(at)
    except OSError:
        return
