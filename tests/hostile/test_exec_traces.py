"""However a command with secrets ends, none of them stays on a disk, and the command hears of every signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.hostile.desk import ROOT, SECRET, Desk, desk_at
from tests.support import env

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS = [sys.executable, "-m", "sopspy"]
KINDS = ["exec-env", "exec-file", "exec-file --no-fifo"]


class Room:
    """A desk with an encrypted file, and sopspy started at it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.environ = {**env.scrubbed(desk.home), **desk.environ("true"), "PYTHONPATH": str(ROOT)}
        self.environ["SOPS_AGE_KEY"] = env.identity()
        self.seal(f"SECRET={SECRET}\n")

    def seal(self, text: str) -> None:
        """Make the file anew."""
        words = [*OURS, "encrypt", "--age", env.recipient(), "--filename-override", "a.env"]
        done = subprocess.run(words, input=text.encode(), env=self.environ, capture_output=True, check=True)
        (self.desk.home / "a.env").write_bytes(done.stdout)

    def start(self, kind: str, command: str) -> subprocess.Popen[str]:
        """Start a command that says when it is up, and wait for that."""
        name, *options = kind.split()
        words = [*OURS, name, *options, "a.env", command]
        process = subprocess.Popen(
            words,
            env=self.environ,
            cwd=self.desk.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*OURS, *words], env=self.environ, cwd=self.desk.home, capture_output=True, text=True, timeout=30
        )


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with desk_at(tmp_path) as desk:
        yield Room(desk)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["TERM", "HUP", "INT", "QUIT", "USR1"])
def test_signal_reaches_the_command_and_its_answer_counts(room: Room, kind: str, name: str) -> None:
    body = f"trap 'echo got {name}; exit 9' {name}; echo up; while :; do sleep 0.02; done"
    process = room.start(kind, body)
    process.send_signal(getattr(signal, f"SIG{name}"))
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (9, f"got {name}\n", "exit status 9\n")
    assert os.listdir(room.desk.memory) == []
    assert room.desk.left() == []


@pytest.mark.parametrize("kind", KINDS)
def test_command_that_a_signal_ends(room: Room, kind: str) -> None:
    process = room.start(kind, "echo up; exec sleep 30")
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (255, "signal: terminated\n")
    assert os.listdir(room.desk.memory) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_the_private_folder_holds_the_secret(room: Room, kind: str) -> None:
    process = room.start(kind, "echo up; read end; : {}")
    seen = room.desk.left()
    assert all(path.parent.parent == room.desk.memory for path in seen)
    assert len(seen) == (kind == KINDS[2])
    with open(f"/proc/{process.pid}/cmdline") as arguments:
        assert SECRET not in arguments.read()
    process.terminate()
    process.communicate(timeout=20)
    assert room.desk.left() == []


@pytest.mark.parametrize("kind", KINDS[1:])
def test_next_run_sweeps_what_a_killed_one_left(room: Room, kind: str) -> None:
    process = room.start(kind, "echo up; echo $$ > pid; exec sleep 30 >/dev/null 2>&1")
    while not (room.desk.home / "pid").exists() or not (room.desk.home / "pid").read_text():
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=20)
    os.kill(int((room.desk.home / "pid").read_text()), signal.SIGKILL)
    assert len(os.listdir(room.desk.memory)) == 1
    done = room.run("exec-file", "a.env", "cat {}")
    assert done.stdout == f"SECRET={SECRET}\n"
    assert "removed plaintext that a killed process left" in done.stderr
    assert os.listdir(room.desk.memory) == []
    assert room.desk.left() == []


@pytest.mark.parametrize("kind", KINDS)
def test_ctrl_c_at_a_terminal_reaches_the_command_once(room: Room, kind: str) -> None:
    body = "trap 'n=$((n+1))' INT; echo up; sleep 0.5; sleep 0.3; echo n=$n; exit 7"
    spawn = pexpect.spawn(
        OURS[0], [*OURS[1:], *kind.split(), "a.env", body], env=room.environ, cwd=str(room.desk.home), timeout=20
    )
    spawn.expect("up")
    spawn.sendintr()
    spawn.expect("n=1")
    spawn.expect(pexpect.EOF)
    spawn.close()
    assert spawn.exitstatus == 7
    assert os.listdir(room.desk.memory) == []


def test_no_core_dumps(room: Room) -> None:
    for words in (["exec-env", "a.env", "ulimit -c"], ["run", "a.env", "--", "sh", "-c", "ulimit -c"]):
        assert room.run(*words).stdout == "0\n"


def test_run_leaves_no_process_between(room: Room) -> None:
    process = subprocess.Popen(
        [*OURS, "run", "a.env", "--", "sh", "-c", "echo $$; exit 3"],
        env=room.environ,
        cwd=room.desk.home,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.communicate(timeout=20)[0] == f"{process.pid}\n"
    assert process.returncode == 3


def test_readers_one_after_another_get_all_of_it(room: Room) -> None:
    room.seal("BIG=" + "x" * 300_000 + "\n")
    done = room.run("exec-file", "a.env", "for i in 1 2 3 4 5 6 7 8; do cat {} | wc -c; cmp {} {} || exit 1; done")
    assert (done.stdout, done.returncode) == ("300005\n" * 8, 0)


def test_reader_that_stops_early_or_never_reads_holds_nothing_up(room: Room) -> None:
    room.seal("BIG=" + "x" * 300_000 + "\n")
    for command in (
        "head -c 1 {}",
        "exec 3<{}; sleep 30 >/dev/null 2>&1 & echo $! > pid",
        "true",
        "rm -r $(dirname {})",
    ):
        assert room.run("exec-file", "a.env", command).returncode == 0
    os.kill(int((room.desk.home / "pid").read_text()), signal.SIGKILL)
    assert os.listdir(room.desk.memory) == []


@pytest.mark.parametrize("kind", KINDS)
def test_another_user(room: Room, kind: str) -> None:
    """Only root can become somebody else; anybody else is told so."""
    room.desk.memory.chmod(0o777)
    name, *options = kind.split()
    command = 'echo "$HOME $USER $LOGNAME $(id -un)"; stat -c %U {}' if options else 'echo "$HOME $USER $(id -un)"'
    done = room.run(name, *options, "--user", "nobody", "a.env", command)
    if os.geteuid():
        assert (done.returncode, "only root" in done.stderr) == (1, True)
    else:
        assert done.stdout.split()[-1] == "nobody", done.stderr
        assert done.stdout.startswith("/nonexistent nobody")
    assert os.listdir(room.desk.memory) == []
