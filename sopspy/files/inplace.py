"""Overwriting a file that nothing may be renamed over, with a whole copy of its content safe until the end.

For targets with several hard links, bind-mounted ones, and those in a folder that cannot be written. The copy is
synced before the first byte changes: of the new bytes when they are encrypted, else of the old ones. It stands beside
the target, or in the user's state folder where the target's own cannot be written; but what may be plaintext never
leaves the target's folder: such a write is refused. A write that fails puts the old bytes back; after a crash
`saved_copies` finds the copy. Loaded only when it is needed.
"""

from __future__ import annotations

import errno
import os

from ..errors import OutputError, RefusedError
from .temporary import fill, remove, sync_folder

NO_RENAME = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV, errno.EOPNOTSUPP))
"""What the system says when a file cannot be renamed over, though it may be writable itself."""

_ENCRYPTED = b"ENC[AES256_GCM,"
"""Stands in every encrypted file: at least its MAC is an envelope."""


class Target:
    """An open file to overwrite: its descriptor (read and write), its folder (path, descriptor) and its name there."""

    __slots__ = ("at", "file", "folder", "name")

    def __init__(self, file: int, folder: str, at: int, name: str) -> None:
        self.file = file
        self.folder = folder
        self.at = at
        self.name = name


def overwrite(target: Target, old: bytes, new: bytes, *, secret: bool) -> None:
    """Replace the content `old` of a file by `new`, which is plaintext if `secret`.

    Raises OSError when it could not be written and is as it was; OutputError when it is damaged, which names the copy;
    RefusedError when no copy may be made.
    """
    copy = _save_copy(target, old if secret else new, "old" if secret else "new") if old else ""
    try:
        _put(target.file, new, len(old))
    except BaseException:
        _put_back(target.file, old, copy)
        raise
    remove(copy)


def saved_copies(folder: str, name: str) -> list[str]:
    """The copies that interrupted writes of the file `name` in `folder` left."""
    start = _short(name) + ".sopspy-"
    found = []
    for place in filter(None, (folder, _state_folder())):
        try:
            names = os.listdir(place)
        except OSError:
            continue
        found += [os.path.join(place, entry) for entry in names if entry.startswith(start)]
    return sorted(found)


def _put(file: int, data: bytes, size: int) -> None:
    """Replace the `size` bytes of a file. What is longer goes first: a full disk then shows before anything is lost."""
    view = memoryview(data)
    os.lseek(file, size, os.SEEK_SET)
    fill(file, view[size:])
    os.lseek(file, 0, os.SEEK_SET)
    fill(file, view[:size])
    os.ftruncate(file, len(data))
    os.fsync(file)


def _put_back(file: int, old: bytes, copy: str) -> None:
    try:
        _put(file, old, len(old))
    except OSError as err:
        raise OutputError(
            f"is damaged: it could neither be written nor be restored: {(err.strerror or 'unknown reason').lower()}",
            hint=f"a whole copy of its content is in {copy}",
        ) from err
    remove(copy)


def _save_copy(target: Target, content: bytes, kind: str) -> str:
    """Make a synced copy that only its owner can read, and return its path."""
    name = f"{_short(target.name)}.sopspy-{kind}-{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    folder, at = target.folder, os.dup(target.at)
    try:
        try:
            file = os.open(name, flags, 0o600, dir_fd=at)
        except OSError as err:
            if err.errno not in NO_RENAME:
                raise
            folder = _folder_for_copies(content)
            os.close(at)
            at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            file = os.open(name, flags, 0o600, dir_fd=at)
        _fill_copy(file, content, name, at)
    finally:
        os.close(at)
    return os.path.join(folder, name)


def _fill_copy(file: int, content: bytes, name: str, at: int) -> None:
    try:
        fill(file, content)
        os.fsync(file)
        sync_folder(at)
    except BaseException:
        remove(name, at)
        raise
    finally:
        os.close(file)


def _folder_for_copies(content: bytes) -> str:
    folder = _state_folder()
    if not folder or _ENCRYPTED not in content:
        raise RefusedError(
            "is not overwritten: its folder cannot be written, so its old content would have no safe copy meanwhile",
            hint="write to standard output and let the shell overwrite the file: sopspy ... > FILE",
            exit_code=OutputError.exit_code,
        )
    os.makedirs(folder, 0o700, exist_ok=True)
    return folder


def _state_folder() -> str:
    """Where copies outlive a crash when the target's folder cannot be written; "" when the user has no home."""
    home = os.environ.get("HOME", "")
    state = os.environ.get("XDG_STATE_HOME", "") or (home and os.path.join(home, ".local", "state"))
    return os.path.join(state, "sopspy") if os.path.isabs(state) else ""


def _short(name: str) -> str:
    """A name cut so that a suffix still fits into the 255 bytes of a file name."""
    return os.fsdecode(os.fsencode(name)[:220])
