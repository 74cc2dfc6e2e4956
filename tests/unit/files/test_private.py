"""The private folder: where it is, who can enter it, and that it is gone afterwards."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sopspy.errors import FileError, OutputError
from sopspy.files.interrupts import CanceledError, Interrupts
from sopspy.files.private import PrivateFolder, sweep

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
NAME = "sopspy-private-0123456789abcdef"


def mode_of(path: str) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def is_in_memory(path: str) -> bool:
    words = ["stat", "-f", "-c", "%T", path]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() in ("tmpfs", "ramfs")


class TestFolder:
    def test_only_its_owner_can_enter_it_whatever_the_umask(self, memory: Path) -> None:
        before = os.umask(0o277)
        try:
            with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
                path = folder.write("db.yaml", b"secret")
                assert (mode_of(folder.path), mode_of(path)) == (0o700, 0o600)
                assert os.path.basename(path) == "db.yaml"
        finally:
            os.umask(before)

    def test_all_is_removed(self, memory: Path) -> None:
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
            path = Path(folder.write("db.yaml", b"secret"))
            assert os.listdir(memory) == [path.parent.name]
            (path.parent / ".db.yaml.swp").write_bytes(b"secret")
            (path.parent / "a" / "b").mkdir(parents=True)
            (path.parent / "a" / "b" / "f").write_bytes(b"secret")
            (path.parent / "a" / "b").chmod(0o500)
            (path.parent / "a").chmod(0o400)
        assert os.listdir(memory) == []

    def test_links_out_of_it_are_not_followed(self, memory: Path, tmp_path: Path) -> None:
        (tmp_path / "keep").write_bytes(b"x")
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
            os.symlink(tmp_path, os.path.join(folder.path, "link"))
            os.symlink(tmp_path / "keep", os.path.join(folder.path, "db.yaml"))
            with pytest.raises(FileError, match="symbolic links"):
                folder.read("db.yaml")
        assert (tmp_path / "keep").read_bytes() == b"x"
        assert os.listdir(memory) == []

    def test_all_is_removed_after_an_error(self, memory: Path) -> None:
        with pytest.raises(OutputError, match="other"):
            self.fail_inside(memory)
        assert os.listdir(memory) == []

    def fail_inside(self, memory: Path) -> None:
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
            folder.write("db.yaml", b"secret")
            raise OutputError("other")

    def test_file_that_replaced_ours_is_read(self, memory: Path) -> None:
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
            path = folder.write("db.yaml", b"old")
            Path(f"{path}~").write_bytes(b"new\r\n\xff")
            os.replace(f"{path}~", path)
            assert folder.read("db.yaml") == b"new\r\n\xff"
            os.unlink(path)
            with pytest.raises(FileError, match="cannot be read back: no such file") as caught:
                folder.read("db.yaml")
            assert caught.value.exit_code == 2

    def test_works_outside_the_main_thread(self, memory: Path) -> None:
        errors: list[BaseException] = []

        def use() -> None:
            try:
                with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
                    folder.write("db.yaml", b"secret")
            except BaseException as err:
                errors.append(err)

        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        assert errors == []
        assert os.listdir(memory) == []


class TestPlace:
    def test_runtime_folder_of_the_user_comes_first_if_it_is_in_memory(self, memory: Path, tmp_path: Path) -> None:
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(tmp_path)}) as folder:
            assert folder.in_memory == is_in_memory(folder.path)
            assert (os.path.dirname(folder.path) == str(memory)) == is_in_memory(str(memory))

    @pytest.mark.parametrize("mode", [0o755, 0o777, 0o770])
    def test_runtime_folder_that_others_can_enter_is_not_used(self, memory: Path, mode: int) -> None:
        memory.chmod(mode)
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory)}):
            assert os.listdir(memory) == []

    def test_runtime_folder_that_is_a_link_is_not_used(self, memory: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(memory)
        with PrivateFolder({"XDG_RUNTIME_DIR": str(tmp_path / "link")}):
            assert os.listdir(memory) == []

    def test_content_that_memory_cannot_hold_goes_to_tmpdir(self, memory: Path, tmp_path: Path) -> None:
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(tmp_path)}, room=1 << 60) as folder:
            assert os.path.dirname(folder.path) == str(tmp_path)
            assert folder.in_memory == is_in_memory(str(tmp_path))

    def test_tmpdir_that_anybody_can_rearrange_is_not_used(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o777)
        with PrivateFolder({"TMPDIR": str(tmp_path)}, room=1 << 60) as folder:
            assert os.path.dirname(folder.path) == "/tmp"
        tmp_path.chmod(0o1777)
        with PrivateFolder({"TMPDIR": str(tmp_path)}, room=1 << 60) as folder:
            assert os.path.dirname(folder.path) == str(tmp_path)


class TestSweep:
    """Only what a killed process of ours left is removed."""

    def leftover(self, base: Path, name: str = NAME) -> Path:
        (base / name).mkdir(0o700)
        (base / name / "db.yaml").write_bytes(b"secret")
        return base / name

    def test_leftover_is_removed(self, memory: Path) -> None:
        path = self.leftover(memory)
        (path / "deep").mkdir()
        (path / "deep" / "f").write_bytes(b"secret")
        assert str(path) in sweep({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)})
        assert os.listdir(memory) == []

    def test_folder_in_use_stays(self, memory: Path) -> None:
        environ = {"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}
        with PrivateFolder(environ) as folder:
            path = folder.write("db.yaml", b"secret")
            assert folder.path not in sweep(environ)
            assert Path(path).read_bytes() == b"secret"

    def test_locked_folder_stays(self, memory: Path) -> None:
        path = self.leftover(memory)
        descriptor = os.open(path, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        sweep({"TMPDIR": str(memory)})
        os.close(descriptor)
        assert (path / "db.yaml").exists()

    @pytest.mark.parametrize("mode", [0o755, 0o711, 0o777, 0o500, 0o1700])
    def test_folder_with_another_mode_stays(self, memory: Path, mode: int) -> None:
        path = self.leftover(memory)
        path.chmod(mode)
        sweep({"TMPDIR": str(memory)})
        assert (path / "db.yaml").exists()

    @pytest.mark.parametrize("name", ["sopspy-private-", "sopspy-private-012", f"{NAME}0", f"x{NAME}", "sopspy"])
    def test_folder_with_another_name_stays(self, memory: Path, name: str) -> None:
        path = self.leftover(memory, name)
        sweep({"TMPDIR": str(memory)})
        assert (path / "db.yaml").exists()

    def test_file_of_that_name_stays(self, memory: Path) -> None:
        (memory / NAME).write_bytes(b"x")
        sweep({"TMPDIR": str(memory)})
        assert (memory / NAME).exists()

    if os.geteuid() == 0:  # only root can make a folder of somebody else

        def test_folder_of_another_user_stays(self, memory: Path) -> None:
            path = self.leftover(memory)
            os.chown(path, 65534, 65534)
            sweep({"TMPDIR": str(memory)})
            assert (path / "db.yaml").exists()


class TestInterrupts:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
    def test_signal_is_raised_after_all_is_removed(self, memory: Path, number: int) -> None:
        before = signal.getsignal(number)
        handler: Callable[..., None] = lambda *_: None  # noqa: E731
        signal.signal(number, handler)
        try:
            with pytest.raises(CanceledError, match="user canceled operation") as caught:
                self.signal_inside(memory, number)
            assert caught.value.exit_code == 1
            assert signal.getsignal(number) is handler
        finally:
            signal.signal(number, before)
        assert os.listdir(memory) == []

    def test_ignored_signal_stays_ignored(self) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with Interrupts() as interrupts:
                os.kill(os.getpid(), signal.SIGHUP)
                assert interrupts.seen == []
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_wait_ends_at_a_signal_and_at_input(self) -> None:
        read, write = os.pipe()
        with Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGTERM)
            assert interrupts.wait(read) == []
            assert interrupts.seen == [signal.SIGTERM]
            os.write(write, b"x")
            assert interrupts.wait(read) == [read]
        os.close(read)
        os.close(write)

    def signal_inside(self, memory: Path, number: int, error: Exception | None = None) -> None:
        with PrivateFolder({"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}) as folder:
            folder.write("db.yaml", b"secret")
            os.kill(os.getpid(), number)
            if error:
                raise error

    def test_another_error_is_not_replaced(self, memory: Path) -> None:
        with pytest.raises(OutputError, match="other"):
            self.signal_inside(memory, signal.SIGTERM, OutputError("other"))
