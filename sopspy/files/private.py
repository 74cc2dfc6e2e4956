"""A private temporary folder for plaintext: in memory where the system offers that, and gone afterwards.

The folder has mode 0700 and a name that says whose it is, and it is locked (flock) while its owner lives: what has
such a name and no lock was left by a killed process, and `sweep` removes it. Nothing here follows a link inside the
folder. Must not know what the content means. "In memory" is tmpfs or ramfs; the system may still swap a tmpfs out.
Source: flock(2), proc_pid_mountinfo(5), the XDG base directory specification for $XDG_RUNTIME_DIR.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from ..errors import FileError, OutputError
from . import temporary
from .interrupts import Interrupts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = "sopspy-private-"
_NAME_LENGTH = len(_PREFIX) + 16
# only a new folder with mode 0700 is ever made in these
_SHARED_MEMORY = "/dev/shm"  # noqa: S108
_LAST_RESORT = "/tmp"  # noqa: S108
_ROOM = 1 << 20
"""Bytes that stay free for what an editor writes beside the file."""


class PrivateFolder:
    """A context: the folder exists inside it, and SIGINT, SIGTERM and SIGHUP are recorded meanwhile.

    `interrupts` has them; what blocks must wait through it. After the folder is gone a recorded signal is raised as
    CanceledError, unless another error is under way. `in_memory`: whether nothing of it reaches a disk.
    `room`: bytes that the content will need; `signals`: further ones to record. Raises OutputError (exit 3) when no
    folder can be made.
    """

    def __init__(self, environ: Mapping[str, str], room: int = 0, signals: tuple[int, ...] = ()) -> None:
        self.path = ""
        self.in_memory = False
        self.interrupts = Interrupts(signals)
        self._environ = environ
        self._room = room
        self._base = self._folder = -1

    def __enter__(self) -> PrivateFolder:
        self.interrupts.__enter__()
        try:
            self._make()
        except BaseException:
            self.interrupts.__exit__()
            raise
        return self

    def _make(self) -> None:
        error: OSError | None = None
        for base, in_memory in _bases(self._environ, self._room):
            try:
                self._base, name, self._folder = _make_locked(base)
            except OSError as err:
                error = err
                continue
            self.path, self.in_memory = os.path.join(base, name), in_memory
            return
        raise OutputError("no private folder for the plaintext can be made", hint="set TMPDIR") from error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            removed = _remove_tree(os.path.basename(self.path), self._base, self._folder)
        finally:
            os.close(self._folder)
            os.close(self._base)
            self.interrupts.__exit__()
        if not removed:
            raise OutputError(
                "the private folder with the plaintext could not be removed",
                hint=f"remove it: rm -rf {self.path}",
                file=self.path,
            )
        if kind is None:
            self.interrupts.check()

    def write(self, name: str, content: bytes) -> str:
        """Make the file `name`, readable by its owner only, and return its path. Raises OutputError."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        path = os.path.join(self.path, name)
        try:
            with open(os.open(name, flags, 0o600, dir_fd=self._folder), "wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(content)
        except OSError as err:
            raise OutputError(f"cannot be written: {(err.strerror or 'unknown').lower()}", file=path) from err
        return path

    def pipe(self, name: str) -> str:
        """Make a named pipe, for its owner only, and return its path. Raises OutputError."""
        path = os.path.join(self.path, name)
        try:
            os.mkfifo(name, 0o600, dir_fd=self._folder)
            os.chmod(name, 0o600, dir_fd=self._folder)
        except OSError as err:
            raise OutputError(f"cannot be made: {(err.strerror or 'unknown').lower()}", file=path) from err
        return path

    def rename(self, name: str, new: str) -> None:
        """Give what stands under `name` a new name, in the place of what has it. Raises OSError."""
        os.rename(name, new, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def rewrite(self, name: str, content: bytes) -> str:
        """Make the file `name` anew in the place of what stands there. Raises OutputError."""
        temporary.remove(name, self._folder)
        return self.write(name, content)

    def read(self, name: str) -> bytes:
        """What stands under `name` now, be it the same file or one that replaced it. Raises FileError (exit 2)."""
        try:
            with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._folder), "rb") as file:
                return file.read()
        except OSError as err:
            raise FileError(
                f"cannot be read back: {(err.strerror or 'unknown').lower()}", file=os.path.join(self.path, name)
            ) from err


def sweep(environ: Mapping[str, str]) -> list[str]:
    """Remove the folders that killed processes left, and return their paths.

    Only real folders of our name, owner and mode 0700 that nobody holds locked. Errors are passed over.
    """
    removed = []
    for base, _ in _bases(environ, 0):
        try:
            at = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            names = [name for name in os.listdir(at) if name.startswith(_PREFIX) and len(name) == _NAME_LENGTH]
            removed += [os.path.join(base, name) for name in names if _sweep_one(name, at)]
        finally:
            os.close(at)
    return removed


def _bases(environ: Mapping[str, str], room: int) -> Iterator[tuple[str, bool]]:
    """Folders to make ours in, best first, and whether they are in memory: those that are not come last."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    private = [runtime] if _is_only_ours(runtime) else []
    memory = _memory_devices()
    best = [path for path in (*private, _SHARED_MEMORY) if _device(path) in memory and _has_room(path, room)]
    rest = [path for path in (environ.get("TMPDIR", ""), _LAST_RESORT, *private) if os.path.isabs(path)]
    for path in dict.fromkeys((*best, *rest)):
        yield path, _device(path) in memory


def _is_only_ours(path: str) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700


def _memory_devices() -> set[int]:
    """The devices of the file systems that are in memory; none where the system does not tell."""
    devices = set()
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
            for line in table:
                mount, _, system = line.partition(" - ")
                if system.split(" ", 1)[0] in ("tmpfs", "ramfs"):
                    major, _, minor = mount.split(" ", 3)[2].partition(":")
                    devices.add(os.makedev(int(major), int(minor)))
    except OSError:
        return set()
    return devices


def _device(path: str) -> int:
    try:
        return os.stat(path).st_dev
    except OSError:
        return -1


def _has_room(path: str, room: int) -> bool:
    try:
        free = os.statvfs(path)
    except OSError:
        return False
    # an editor may keep a second whole copy beside the file
    return free.f_bavail * free.f_frsize >= 2 * room + _ROOM


def _make_locked(base: str) -> tuple[int, str, int]:
    """A new locked folder: the descriptor of `base`, the name in it, the folder's descriptor. Raises OSError."""
    at = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    try:
        mode = os.fstat(at).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise PermissionError(errno.EPERM, "anybody could replace a folder in it", base)
        while True:
            name = _PREFIX + os.urandom(8).hex()
            os.mkdir(name, 0o700, dir_fd=at)
            folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            if _lock(folder) and _is_at(folder, name, at):
                os.fchmod(folder, 0o700)  # whatever the umask and the folder around it made of it
                return at, name, folder
            os.close(folder)  # the sweep of another process came between
    except BaseException:
        os.close(at)
        raise


def _lock(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(folder: int, name: str, at: int) -> bool:
    try:
        return os.path.samestat(os.fstat(folder), os.stat(name, dir_fd=at, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _sweep_one(name: str, at: int) -> bool:
    try:
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
    except OSError:
        return False
    try:
        found = os.fstat(folder)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700:
            return False
        return _lock(folder) and _is_at(folder, name, at) and _remove_tree(name, at, folder)
    except OSError:
        return False
    finally:
        os.close(folder)


def _remove_tree(name: str, at: int, folder: int) -> bool:
    """Remove a folder and all in it. Tries again, for a dying editor may still write. Returns whether it is gone."""
    for _ in range(10):
        try:
            _empty(folder)
            os.rmdir(name, dir_fd=at)
        except FileNotFoundError:
            return True
        except OSError:
            continue
        return True
    return False


def _empty(folder: int) -> None:
    os.fchmod(folder, 0o700)
    for name in os.listdir(folder):
        try:
            os.unlink(name, dir_fd=folder)
        except OSError:
            if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise
            _remove_inner(name, folder)


def _remove_inner(name: str, folder: int) -> None:
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        _empty(inner)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=folder)
