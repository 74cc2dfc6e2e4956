"""Reading a file, and writing one so that a crash at any instant leaves the old bytes or the new ones, whole.

The bytes go to a temporary file beside the target, which gets the target's owner, mode and attributes, is synced and
renamed over the target. Where no rename is possible the target is overwritten in place (`inplace`). What is not a
regular file (a pipe, /dev/stdout) is written straight. A symbolic link stays and its target is written. A read-only
file is not replaced, as sops does not write it either. Must not know what the bytes mean.
Source: design law L4; rename(2); the mode of a new file: sops 3.13.2, but only its owner can read new plaintext.
"""

from __future__ import annotations

import errno
import os
import stat

from ..errors import ChangedError, FileError, MissingFileError, OutputError, SopsError
from .temporary import fill, link, lock_folder, open_new, remove, sweep, sync_folder, unlock_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Before: TypeAlias = "bytes | Missing | None"

_ACL = "system.posix_acl_access"


class Missing:
    """The state of a target that does not exist."""

    __slots__ = ()


MISSING = Missing()


class _Job:
    """One write. `before`: what the target must still hold, None for anything. `secret`: `data` is plaintext.

    `one_of_many`: the caller makes the new name durable later, with `sync_names`.
    """

    __slots__ = ("before", "data", "one_of_many", "path", "secret")

    def __init__(self, path: str, data: bytes, before: Before, *, secret: bool) -> None:
        self.path = path
        self.data = data
        self.before = before
        self.secret = secret
        self.one_of_many = False


class _Place:
    """Where the target is: its folder (path and descriptor), its name there, its descriptor and state if it exists."""

    __slots__ = ("at", "file", "folder", "name", "old")

    def __init__(self, folder: str, name: str) -> None:
        self.folder = folder
        self.name = name
        self.at = _open_folder(folder)
        self.file = -1
        self.old: os.stat_result | None = None

    def open_target(self) -> None:
        """Find the target, and whether it may be written at all. Raises OSError."""
        try:
            self.file = os.open(self.name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self.at)
        except FileNotFoundError:
            return
        self.old = os.fstat(self.file)
        if not stat.S_ISREG(self.old.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file any more")

    def close(self) -> None:
        os.close(self.at)
        if self.file >= 0:
            os.close(self.file)


def read(path: str) -> bytes:
    """The bytes of a file, of a pipe until its end.

    Raises MissingFileError (exit 100), FileError (exit 2) for a folder or a file that cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError as err:
        if os.path.islink(path):
            raise MissingFileError("is a symbolic link to a file that does not exist", file=path) from err
        raise MissingFileError("no such file", file=path) from err
    except IsADirectoryError as err:
        raise FileError("is a folder, not a file", file=path) from err
    except OSError as err:
        raise FileError(f"cannot be read: {_reason(err)}", file=path) from err
    except ValueError as err:  # a NUL, or half of a surrogate pair, in the path
        raise FileError("cannot be read: no file can have this name", file=ascii(path)) from err


def write_encrypted(path: str, data: bytes, before: Before = None) -> None:
    """Write bytes that hold no secret. A new file gets the mode that the umask gives, an existing one keeps its own.

    `before`: what was read from the target earlier, or MISSING; the write is refused when the target is no longer so.
    Raises ChangedError then, OutputError (exit 3); the target is as it was, or the error names a whole copy.
    """
    _write(_Job(path, data, before, secret=False))


def write_plaintext(path: str, data: bytes, before: Before = None) -> None:
    """Write bytes that are secret: as `write_encrypted`, but only its owner can read a new file.

    Raises OutputError, and RefusedError (exit 3) when old plaintext would have to be kept safe in another folder.
    """
    _write(_Job(path, data, before, secret=True))


def write_one_of_many(path: str, data: bytes, before: Before, *, secret: bool) -> None:
    """As the others, but whether a crash leaves the old or the new file is open until `sync_names`."""
    job = _Job(path, data, before, secret=secret)
    job.one_of_many = True
    _write(job)


def sync_names(paths: Iterable[str]) -> None:
    """Make the names of files durable that `write_one_of_many` wrote: each folder once."""
    for folder in {os.path.dirname(os.path.realpath(path)) for path in paths}:
        try:
            at = _open_folder(folder)
        except OSError:
            continue
        sync_folder(at)
        os.close(at)


def saved_copies(path: str) -> list[str]:
    """Whole copies of the content of `path` that an interrupted write in place left, to name in a message."""
    from . import inplace

    try:
        return inplace.saved_copies(*_follow(path))
    except OSError:
        return []


def _write(job: _Job) -> None:
    try:
        folder, name = _follow(job.path)
        if folder in (f"/proc/{os.getpid()}/fd", "/dev/fd") and name.isdigit():
            fill(int(name), job.data)  # as the shell opened it: at its own offset, perhaps to append
        elif folder.startswith("/proc/") or not _is_regular_or_missing(job.path):
            _write_straight(job)
        else:
            _write_regular(job, _Place(folder, name))
    except SopsError as err:
        raise err.named(job.path) from err.__cause__
    except OSError as err:
        raise _cannot_write(job.path, err) from err


def _follow(path: str) -> tuple[str, str]:
    """The real folder and the name of what `path` leads to; a link under /proc (an open file) stays as it is."""
    for _ in range(40):
        head, name = os.path.split(path)
        folder = os.path.realpath(head or ".")
        full = os.path.join(folder, name)
        if folder.startswith("/proc/") or not os.path.islink(full):
            return folder, name
        path = os.path.join(folder, os.readlink(full))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _is_regular_or_missing(path: str) -> bool:
    # asked by path, so that the kernel's guard of links in shared folders (protected_symlinks) has its say
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


def _write_straight(job: _Job) -> None:
    file = os.open(job.path, os.O_WRONLY | os.O_TRUNC | os.O_NOCTTY)
    try:
        fill(file, job.data)
    finally:
        os.close(file)


def _write_regular(job: _Job, place: _Place) -> None:
    try:
        place.open_target()
        sweep(place.at)
        if place.old is not None and place.old.st_nlink > 1:
            _overwrite(job, place)
            return
        try:
            _replace(job, place)
        except OSError as err:
            if place.old is None or not _no_rename(err):
                raise
            _overwrite(job, place)
    finally:
        place.close()


def _replace(job: _Job, place: _Place) -> None:
    mode = 0o600 if job.secret or place.old is not None else 0o666  # the system applies the umask
    file, name, named = open_new(place.at, mode)
    try:
        fill(file, job.data)
        _dress(file, place)
        os.fsync(file)
        lock_folder(place.at)
        _check_unchanged(job, place)
        if not named:
            link(file, place.at, name)
        os.rename(name, place.name, src_dir_fd=place.at, dst_dir_fd=place.at)
    except BaseException:
        remove(name, place.at)
        raise
    finally:
        unlock_folder(place.at)
        os.close(file)
    if not job.one_of_many:
        sync_folder(place.at)


def _overwrite(job: _Job, place: _Place) -> None:
    from .inplace import Target, overwrite

    file = os.open(place.name, os.O_RDWR | os.O_NOFOLLOW, dir_fd=place.at)
    try:
        lock_folder(place.at)
        _check_unchanged(job, place)
        with open(file, "rb", closefd=False) as stream:
            old = stream.read()
        overwrite(Target(file, place.folder, place.at, place.name), old, job.data, secret=job.secret)
    finally:
        unlock_folder(place.at)
        os.close(file)


def _no_rename(err: OSError) -> bool:
    from .inplace import NO_RENAME

    return err.errno in NO_RENAME


def _check_unchanged(job: _Job, place: _Place) -> None:
    """Raise ChangedError when the target's bytes are not those that the caller has read."""
    if job.before is None:
        return
    now = _content(place)
    if job.before == now:
        return
    what = "was removed" if isinstance(now, Missing) else "was changed"
    raise ChangedError(
        f"{'was created' if isinstance(job.before, Missing) else what} by another process, so nothing was written",
        hint="look at the file, then run the command again",
    )


def _content(place: _Place) -> bytes | Missing:
    try:
        file = os.open(place.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place.at)
    except FileNotFoundError:
        return MISSING
    with open(file, "rb") as stream:
        return stream.read()


def _open_folder(folder: str) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # a folder that may be entered but not listed
        return os.open(folder, getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY)


def _dress(file: int, place: _Place) -> None:
    """Give a new file the owner, attributes and mode of the one that it replaces, never more access than that."""
    old, new = place.old, os.fstat(file)
    if old is None:
        return
    group_kept = True
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        group_kept = _chown(file, old.st_uid, old.st_gid) or _chown(file, -1, old.st_gid)
    mode = stat.S_IMODE(old.st_mode)
    if not _copy_attributes(place.file, file) or not group_kept:
        mode &= ~0o070 | (mode & 0o007) << 3  # another group gets what everybody has, not what the old one had
    if mode != stat.S_IMODE(os.fstat(file).st_mode):
        os.fchmod(file, mode)


def _chown(file: int, owner: int, group: int) -> bool:
    try:
        os.fchown(file, owner, group)
    except OSError:
        return False
    return True


def _copy_attributes(old: int, new: int) -> bool:
    """Copy the extended attributes as far as allowed. Returns whether the access list is the same afterwards."""
    if not hasattr(os, "listxattr"):
        return True
    try:
        wanted, present = os.listxattr(old), os.listxattr(new)
    except OSError:
        return True
    same = True
    for name in wanted:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError:
            same = same and name != _ACL
    if _ACL in present and _ACL not in wanted:  # given by the folder's default list
        os.removexattr(new, _ACL)
    return same


def _reason(err: OSError) -> str:
    return (err.strerror or type(err).__name__).lower()


def _cannot_write(path: str, err: OSError) -> OutputError:
    hint: str | tuple[str, ...] = ()
    if err.errno == errno.ENOENT and os.path.dirname(path):
        hint = f"create its folder first: mkdir -p {os.path.dirname(path)}"
    elif err.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "free some space and run the command again"
    return OutputError(f"cannot be written: {_reason(err)}", hint=hint, file=path)
