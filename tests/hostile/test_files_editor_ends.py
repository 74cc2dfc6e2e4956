"""However an edit ends, no plaintext stays: real editors on a real terminal, real signals."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.hostile.desk import EDIT, Desk, desk_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANCELED = "CanceledError|1|user canceled operation"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as made:
        yield made


def wait_until_gone(pid: int) -> None:
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def is_line_mode(spawn: pexpect.spawn) -> bool:
    """Whether the terminal is as a shell expects it, not as vim sets it."""
    return termios.tcgetattr(spawn.child_fd)[3] & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO


class TestVim:
    READY = "password"

    def test_edit_is_saved(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        spawn.expect(self.READY)
        spawn.send(":s/password/user/\r:wq\r")
        spawn.expect(r"result b'user: correct-horse-battery\\nb: 2\\n'")
        spawn.expect(pexpect.EOF)
        assert desk.left() == []
        assert os.listdir(desk.memory) == []

    def test_leaving_without_saving_is_unchanged(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        spawn.expect(self.READY)
        spawn.send(":s/password/user/\r:q!\r")
        spawn.expect(r"UnchangedError\|200")
        spawn.expect(pexpect.EOF)

    def test_error_exit_of_vim(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        spawn.expect(self.READY)
        spawn.send(":s/password/user/\r:w\r:cq\r")
        spawn.expect(r"EditorError\|201\|the editor exited with status 1")
        spawn.expect(pexpect.EOF)
        assert desk.left() == []

    def test_ctrl_c_typed_into_vim_is_vims_own_matter(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        spawn.expect(self.READY)
        spawn.sendintr()
        spawn.expect("exit Vim")  # its advice to those who press Ctrl-C
        spawn.send(":s/password/user/\r:wq\r")
        spawn.expect(r"result b'user: ")
        spawn.expect(pexpect.EOF)

    def test_bad_text_comes_back_to_be_mended(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        spawn.expect(self.READY)
        spawn.send(":s/password/broken/\r:wq\r")
        spawn.expect("error: db.yaml:2: not a mapping")
        spawn.expect("Press enter")
        spawn.send("\r")
        spawn.expect("broken")
        spawn.send(":s/broken/mended/\r:wq\r")
        spawn.expect(r"result b'mended: ")
        spawn.expect(pexpect.EOF)
        assert desk.left() == []

    def test_ctrl_c_at_the_question_gives_up(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        spawn.expect(self.READY)
        spawn.send(":s/password/broken/\r:wq\r")
        spawn.expect("Press enter")
        spawn.sendintr()
        spawn.expect_exact(CANCELED)
        spawn.expect(pexpect.EOF)
        assert os.listdir(desk.memory) == []

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_signal_to_us_ends_vim_and_gives_the_terminal_back(self, desk: Desk, number: int) -> None:
        spawn = desk.terminal("vim")
        pid = int(spawn.match.group(1))
        spawn.expect(self.READY)
        spawn.send(":s/password/user/\r:w\r")
        spawn.expect("written")
        assert not is_line_mode(spawn)
        os.kill(pid, number)
        spawn.expect_exact(CANCELED)
        assert is_line_mode(spawn)
        spawn.expect(pexpect.EOF)
        assert os.listdir(desk.memory) == []
        assert desk.left() == []

    def test_hang_up_of_the_terminal(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        pid = int(spawn.match.group(1))
        spawn.expect(self.READY)
        spawn.close(force=False)  # SIGHUP to the whole foreground group
        with contextlib.suppress(pexpect.ExceptionPexpect):
            spawn.wait()
        wait_until_gone(pid)
        assert os.listdir(desk.memory) == []
        assert desk.left() == []

    def test_killed_process_leaves_its_text_in_memory_only_and_the_next_edit_sweeps(self, desk: Desk) -> None:
        spawn = desk.terminal("vim")
        pid = int(spawn.match.group(1))
        spawn.expect(self.READY)
        os.kill(pid, signal.SIGKILL)
        spawn.close(force=True)
        assert [path.name for path in desk.left()] == ["db.yaml"]
        assert desk.left()[0].is_relative_to(desk.memory)
        again = desk.terminal(desk.script("exit 0"))
        again.expect("removed plaintext that a killed process left: .*/sopspy-private-")
        again.expect(r"UnchangedError\|200")
        again.expect(pexpect.EOF)
        assert os.listdir(desk.memory) == []


class TestLineEditor:
    """An editor that leaves the terminal as it is: Ctrl-C is a signal to it and to us."""

    def test_editor_that_survives_ctrl_c_goes_on(self, desk: Desk) -> None:
        spawn = desk.terminal(desk.script('trap "echo caught" INT; echo ready; read -r a; read -r a; echo "$a" > "$f"'))
        spawn.expect("ready")
        spawn.sendintr()
        spawn.expect("caught")
        spawn.send("one\rtwo\r")
        spawn.expect(r"result b'(one|two)\\n'")
        spawn.expect(pexpect.EOF)
        assert os.listdir(desk.memory) == []

    def test_editor_that_dies_of_ctrl_c_is_a_cancel(self, desk: Desk) -> None:
        spawn = desk.terminal(desk.script('echo changed > "$f"; echo ready; read -r a'))
        spawn.expect("ready")
        spawn.sendintr()
        spawn.expect_exact(CANCELED)
        spawn.expect(pexpect.EOF)
        assert os.listdir(desk.memory) == []

    def test_editor_that_fails_after_ctrl_c_is_a_cancel(self, desk: Desk) -> None:
        spawn = desk.terminal(desk.script('trap "exit 130" INT; echo changed > "$f"; echo ready; read -r a'))
        spawn.expect("ready")
        spawn.sendintr()
        spawn.expect_exact(CANCELED)
        spawn.expect(pexpect.EOF)

    def test_terminal_of_a_killed_editor_is_put_right(self, desk: Desk) -> None:
        spawn = desk.terminal(desk.script("stty raw -echo; echo ready; read -r a; kill -KILL $$"))
        spawn.expect("ready")
        assert not is_line_mode(spawn)
        spawn.send("\n")
        spawn.expect(r"EditorError\|201\|the editor was killed by signal 9")
        assert is_line_mode(spawn)
        spawn.expect(pexpect.EOF)

    def test_quit_key_leaves_nothing(self, desk: Desk) -> None:
        spawn = desk.terminal(desk.script("echo ready; exec cat"))
        spawn.expect("ready")
        spawn.send("\x1c")
        spawn.expect_exact(CANCELED)
        spawn.expect(pexpect.EOF)
        assert os.listdir(desk.memory) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_without_a_terminal(desk: Desk, number: int) -> None:
    """The editor is ended, too, even one that does not want to."""
    script = desk.script("trap '' TERM INT HUP; echo $$; while :; do sleep 0.1; done")
    words = [sys.executable, "-c", EDIT]
    with subprocess.Popen(words, env=desk.environ(script), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline().split()[1])
        editor = int(process.stdout.readline())
        os.kill(pid, number)
        assert process.stdout.readline() == CANCELED + "\n"
    wait_until_gone(editor)
    assert os.listdir(desk.memory) == []


def test_editor_is_asked_to_end_before_it_is_made_to(desk: Desk) -> None:
    """It may have something of its own to put in order."""
    script = desk.script(f"trap 'echo bye > {desk.home}/bye; exit 1' TERM; echo ready; while :; do sleep 0.1; done")
    words = [sys.executable, "-c", EDIT]
    with subprocess.Popen(words, env=desk.environ(script), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline().split()[1])
        assert process.stdout.readline() == "ready\n"
        os.kill(pid, signal.SIGTERM)
        assert process.stdout.readline() == CANCELED + "\n"
    assert (desk.home / "bye").read_text() == "bye\n"
