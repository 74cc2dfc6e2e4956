"""Reading, and whole writes: what becomes of content, mode, owner, links and attributes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sopspy.errors import FileError, MissingFileError, OutputError
from sopspy.files.atomic import MISSING, read, write_encrypted, write_plaintext

ROOT = Path(__file__).parents[3]
Write = Callable[..., None]
WRITES = (write_encrypted, write_plaintext)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=["unnamed", "named"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system with unnamed files and on one without."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)


@pytest.fixture
def umask() -> Iterator[Callable[[int], None]]:
    before = os.umask(0o022)
    yield lambda mask: (os.umask(mask), None)[1]
    os.umask(before)


class TestRead:
    def test_gives_the_bytes(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"\xff\r\n\0")
        assert read(str(tmp_path / "f")) == b"\xff\r\n\0"

    def test_reads_a_pipe_to_its_end(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        content = b"x" * 300_000
        writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(content,))
        writer.start()
        assert read(str(tmp_path / "pipe")) == content
        writer.join()

    def test_missing_file_is_exit_100(self, tmp_path: Path) -> None:
        with pytest.raises(MissingFileError, match="no such file") as caught:
            read(str(tmp_path / "none"))
        assert caught.value.exit_code == 100
        assert caught.value.file == str(tmp_path / "none")

    def test_link_to_nowhere_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("none")
        with pytest.raises(MissingFileError, match="symbolic link"):
            read(str(tmp_path / "link"))

    def test_folder_is_exit_2(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="is a folder") as caught:
            read(str(tmp_path))
        assert caught.value.exit_code == 2

    def test_forbidden_file_is_exit_2(self, as_user: Callable[[str], str]) -> None:
        out = as_user("open('f', 'w').close(); os.chmod('f', 0); attempt(atomic.read, 'f')")
        assert out == "FileError|2|cannot be read: permission denied"


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("write", WRITES)
class TestWrite:
    def test_new_file(self, tmp_path: Path, write: Write) -> None:
        content = bytes(range(256)) * 5000
        write(str(tmp_path / "f"), content)
        assert (tmp_path / "f").read_bytes() == content
        assert os.listdir(tmp_path) == ["f"]

    def test_empty_content(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "f").write_bytes(b"old")
        write(str(tmp_path / "f"), b"")
        assert (tmp_path / "f").read_bytes() == b""

    def test_who_has_the_old_file_open_keeps_it_whole(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "f").write_bytes(b"old content")
        with open(tmp_path / "f", "rb") as old:
            write(str(tmp_path / "f"), b"new")
            assert old.read() == b"old content"
        assert (tmp_path / "f").read_bytes() == b"new"
        assert os.listdir(tmp_path) == ["f"]

    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o644])
    def test_mode_is_kept(self, tmp_path: Path, write: Write, umask: Callable[[int], None], mode: int) -> None:
        (tmp_path / "f").write_bytes(b"old")
        (tmp_path / "f").chmod(mode)
        umask(0o077)
        write(str(tmp_path / "f"), b"new")
        assert mode_of(tmp_path / "f") == mode

    def test_owner_is_kept(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "f").write_bytes(b"old")
        owner, group = (65534, 65533) if os.geteuid() == 0 else (os.geteuid(), [os.getegid(), *os.getgroups()][-1])
        os.chown(tmp_path / "f", owner, group)
        write(str(tmp_path / "f"), b"new")
        assert ((tmp_path / "f").stat().st_uid, (tmp_path / "f").stat().st_gid) == (owner, group)

    def test_extended_attributes_are_kept(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "f").write_bytes(b"old")
        with contextlib.suppress(OSError):  # where the file system has none, none must be kept
            os.setxattr(tmp_path / "f", "user.note", b"mine")
        before = {name: os.getxattr(tmp_path / "f", name) for name in os.listxattr(tmp_path / "f")}
        write(str(tmp_path / "f"), b"new")
        assert (tmp_path / "f").read_bytes() == b"new"
        assert {name: os.getxattr(tmp_path / "f", name) for name in os.listxattr(tmp_path / "f")} == before

    def test_long_name(self, tmp_path: Path, write: Write) -> None:
        name = "ä" * 127 + "x"
        write(str(tmp_path / name), b"new")
        write(str(tmp_path / name), b"newer")
        assert (tmp_path / name).read_bytes() == b"newer"

    def test_link_stays_and_its_target_is_written(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "f").write_bytes(b"old")
        (tmp_path / "one").symlink_to("real/two")
        (tmp_path / "real" / "two").symlink_to("f")
        write(str(tmp_path / "one"), b"new")
        assert (tmp_path / "one").is_symlink()
        assert (tmp_path / "real" / "two").is_symlink()
        assert (tmp_path / "real" / "f").read_bytes() == b"new"
        assert sorted(os.listdir(tmp_path / "real")) == ["f", "two"]

    def test_link_to_nowhere_makes_its_target(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "link").symlink_to("target")
        write(str(tmp_path / "link"), b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_bytes() == b"new"

    def test_relative_path(self, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write("f", b"new")
        assert (tmp_path / "f").read_bytes() == b"new"


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("write", WRITES)
def test_bytes_are_synced_before_they_replace_and_the_folder_after(tmp_path: Path, write: Write) -> None:
    """Else a power cut leaves an empty file under the target's name."""
    (tmp_path / "f").write_bytes(b"old")
    calls: list[str] = []
    watched = {os.write: "write", os.fsync: "fsync", os.link: "link", os.rename: "rename"}

    def note(_frame: object, event: str, called: object) -> None:
        if event == "c_call" and called in watched:
            calls.append(watched[called])  # type: ignore[index]

    sys.setprofile(note)
    try:
        write(str(tmp_path / "f"), b"new")
    finally:
        sys.setprofile(None)
    assert [call for call in calls if call != "link"] == ["write", "fsync", "rename", "fsync"]


class TestNewFile:
    @pytest.mark.usefixtures("either_way")
    @pytest.mark.parametrize(("mask", "encrypted"), [(0, 0o666), (0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
    def test_mode(self, tmp_path: Path, umask: Callable[[int], None], mask: int, encrypted: int) -> None:
        umask(mask)
        write_encrypted(str(tmp_path / "e"), b"x")
        write_plaintext(str(tmp_path / "p"), b"x")
        assert (mode_of(tmp_path / "e"), mode_of(tmp_path / "p")) == (encrypted, 0o600)


@pytest.mark.parametrize("write", WRITES)
class TestNotRegular:
    def test_pipe_is_written_straight(self, tmp_path: Path, write: Write) -> None:
        os.mkfifo(tmp_path / "pipe")
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
        reader.start()
        write(str(tmp_path / "pipe"), b"x" * 200_000)
        reader.join()
        assert got == [b"x" * 200_000]
        assert (tmp_path / "pipe").is_fifo()

    def test_device_stays_a_device(self, write: Write) -> None:
        write("/dev/null", b"x")
        assert Path("/dev/null").is_char_device()

    def test_full_device_is_exit_3(self, write: Write) -> None:
        with pytest.raises(OutputError, match="no space left") as caught:
            write("/dev/full", b"x")
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
    def test_stdout_is_continued_where_the_shell_opened_it(self, tmp_path: Path, write: Write, path: str) -> None:
        script = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
            f"from sopspy.files.atomic import {write.__name__} as w; w({path!r}, b'second\\n')"
        )
        with open(tmp_path / "log", "ab") as log:
            log.write(b"first\n")
            log.flush()
            subprocess.run([sys.executable, "-c", script], stdout=log, check=True)
            log.write(b"third\n")
        assert (tmp_path / "log").read_bytes() == b"first\nsecond\nthird\n"


@pytest.mark.parametrize("write", WRITES)
class TestRefusals:
    def test_folder(self, tmp_path: Path, write: Write) -> None:
        for path in (str(tmp_path), f"{tmp_path}/"):
            with pytest.raises(OutputError, match="is a directory") as caught:
                write(path, b"x")
            assert caught.value.exit_code == 3
        assert os.listdir(tmp_path) == []

    def test_missing_folder_has_a_hint(self, tmp_path: Path, write: Write) -> None:
        with pytest.raises(OutputError, match="no such file") as caught:
            write(str(tmp_path / "a" / "f"), b"x")
        assert caught.value.hints == (f"create its folder first: mkdir -p {tmp_path}/a",)

    def test_links_in_a_circle(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(OutputError, match="symbolic links"):
            write(str(tmp_path / "a"), b"x")
        assert (tmp_path / "a").is_symlink()

    def test_read_only_file_is_not_replaced(self, as_user: Callable[[str], str], shared: Path, write: Write) -> None:
        (shared / "f").write_bytes(b"old")
        out = as_user(
            f"os.rename('f', 'g'); open('f', 'w').write('mine'); os.chmod('f', 0o444)\n"
            f"attempt(atomic.{write.__name__}, 'f', b'new')"
        )
        assert out == "OutputError|3|cannot be written: permission denied"
        assert (shared / "f").read_bytes() == b"mine"
        assert sorted(os.listdir(shared)) == ["f", "g"]

    def test_new_file_in_a_read_only_folder(self, as_user: Callable[[str], str], shared: Path, write: Write) -> None:
        shared.chmod(0o555)
        assert as_user(f"attempt(atomic.{write.__name__}, 'f', b'new')").startswith("OutputError|3|cannot be written")
        assert os.listdir(shared) == []


@pytest.mark.parametrize("write", WRITES)
class TestChangedMeanwhile:
    def test_same_content_is_replaced(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "f").write_bytes(b"old")
        before = read(str(tmp_path / "f"))
        os.replace(tmp_path / "f", tmp_path / "g")
        (tmp_path / "f").write_bytes(b"old")  # another file, with the same bytes: a checkout there and back
        write(str(tmp_path / "f"), b"new", before)
        assert (tmp_path / "f").read_bytes() == b"new"

    @pytest.mark.parametrize("links", [False, True])
    def test_other_content_is_kept(self, tmp_path: Path, write: Write, links: bool) -> None:
        (tmp_path / "f").write_bytes(b"old")
        if links:
            os.link(tmp_path / "f", tmp_path / "g")
        before, when = read(str(tmp_path / "f")), (tmp_path / "f").stat()
        (tmp_path / "f").write_bytes(b"OLD")  # same length, same time
        os.utime(tmp_path / "f", ns=(when.st_atime_ns, when.st_mtime_ns))
        with pytest.raises(OutputError, match="was changed by another process") as caught:
            write(str(tmp_path / "f"), b"new", before)
        assert (caught.value.exit_code, caught.value.file) == (3, str(tmp_path / "f"))
        assert (tmp_path / "f").read_bytes() == b"OLD"
        assert sorted(os.listdir(tmp_path)) == ["f", *(["g"] if links else [])]

    def test_removed(self, tmp_path: Path, write: Write) -> None:
        with pytest.raises(OutputError, match="was removed"):
            write(str(tmp_path / "f"), b"new", b"old")
        assert os.listdir(tmp_path) == []

    def test_created(self, tmp_path: Path, write: Write) -> None:
        (tmp_path / "f").write_bytes(b"")
        with pytest.raises(OutputError, match="was created"):
            write(str(tmp_path / "f"), b"new", MISSING)
        assert (tmp_path / "f").read_bytes() == b""

    def test_still_missing(self, tmp_path: Path, write: Write) -> None:
        write(str(tmp_path / "f"), b"new", MISSING)
        assert (tmp_path / "f").read_bytes() == b"new"


class TestSweep:
    NAME = ".sopspy-0123456789abcdef.tmp"

    def test_leftover_is_removed(self, tmp_path: Path) -> None:
        (tmp_path / self.NAME).write_bytes(b"left by a killed process")
        write_encrypted(str(tmp_path / "f"), b"x")
        assert os.listdir(tmp_path) == ["f"]

    def test_file_that_is_being_written_stays(self, tmp_path: Path) -> None:
        with open(tmp_path / self.NAME, "wb") as busy:
            fcntl.flock(busy, fcntl.LOCK_EX)
            write_encrypted(str(tmp_path / "f"), b"x")
        assert sorted(os.listdir(tmp_path)) == [self.NAME, "f"]

    def test_what_is_not_ours_stays(self, tmp_path: Path) -> None:
        names = [".sopspy-0123456789abcdef", ".sopspy-1.tmp", "sopspy-0123456789abcdef.tmp", f"{self.NAME}x"]
        for name in names:
            (tmp_path / name).write_bytes(b"x")
        (tmp_path / "victim").write_bytes(b"x")
        (tmp_path / self.NAME).symlink_to("victim")
        (tmp_path / ".sopspy-1111111111111111.tmp").mkdir()
        os.link(tmp_path / "victim", tmp_path / ".sopspy-2222222222222222.tmp")
        os.mkfifo(tmp_path / ".sopspy-3333333333333333.tmp")
        before = sorted(os.listdir(tmp_path))
        write_encrypted(str(tmp_path / "f"), b"x")
        assert sorted(os.listdir(tmp_path)) == sorted([*before, "f"])

    if os.geteuid() == 0:  # only root can make a file of somebody else

        def test_file_of_another_user_stays(self, tmp_path: Path) -> None:
            (tmp_path / self.NAME).write_bytes(b"x")
            os.chown(tmp_path / self.NAME, 65534, 65534)
            write_encrypted(str(tmp_path / "f"), b"x")
            assert sorted(os.listdir(tmp_path)) == [self.NAME, "f"]


def access_list(*, named_user: int, mask: int) -> bytes:
    """A POSIX access list as the kernel keeps it: owner rw, user 12345 `named_user`, group none, others none."""
    entries = [(0x01, 6, 0xFFFFFFFF), (0x02, named_user, 12345), (0x04, 0, 0xFFFFFFFF)]
    entries += [(0x10, mask, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)]
    words = [(2).to_bytes(4, "little")]
    for tag, rights, who in entries:
        words += [tag.to_bytes(2, "little"), rights.to_bytes(2, "little"), who.to_bytes(4, "little")]
    return b"".join(words)


def set_list(path: Path, kind: str, value: bytes) -> bool:
    """Give a file an access list; False only where the file system has none, and its mode is all there is."""
    try:
        os.setxattr(path, kind, value)
    except OSError as err:
        if err.errno != errno.EOPNOTSUPP:
            raise
        return False
    return True


class TestAccess:
    """Who could not read the old file cannot read the new one."""

    @pytest.mark.usefixtures("either_way")
    def test_access_list_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"old")
        (tmp_path / "f").chmod(0o600)
        wanted = access_list(named_user=4, mask=4)
        if not set_list(tmp_path / "f", "system.posix_acl_access", wanted):
            return
        assert mode_of(tmp_path / "f") == 0o640
        write_plaintext(str(tmp_path / "f"), b"new")
        assert os.getxattr(tmp_path / "f", "system.posix_acl_access") == wanted

    @pytest.mark.usefixtures("either_way")
    def test_folder_default_gives_nobody_more(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"old")
        (tmp_path / "f").chmod(0o640)
        if not set_list(tmp_path, "system.posix_acl_default", access_list(named_user=7, mask=7)):
            return
        write_plaintext(str(tmp_path / "f"), b"new")
        assert os.listxattr(tmp_path / "f") == []
        assert mode_of(tmp_path / "f") == 0o640

    if os.geteuid() == 0:  # only root can give a file to a group that its owner is not in

        @pytest.mark.parametrize(("old", "new"), [(0o640, 0o600), (0o664, 0o644), (0o660, 0o600)])
        def test_another_group_does_not_get_what_the_old_one_had(
            self, as_user: Callable[[str], str], shared: Path, old: int, new: int
        ) -> None:
            (shared / "f").write_bytes(b"old")
            os.chown(shared / "f", 65534, 12345)
            (shared / "f").chmod(old)
            assert as_user("attempt(atomic.write_plaintext, 'f', b'new')") == "done"
            assert (mode_of(shared / "f"), (shared / "f").stat().st_gid) == (new, 65534)
