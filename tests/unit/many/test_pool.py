import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sopspy import fast
from sopspy.errors import SopsError, TamperedError
from sopspy.many import pool
from sopspy.many.outcome import DONE, FAILED, Outcome, failed, load

ROOT = Path(__file__).parents[3]

_FORKING = """
import os, sys
sys.path.insert(0, {root!r})
from sopspy import fast
from sopspy.errors import SopsError
from sopspy.many import pool
from sopspy.many.outcome import Outcome
fast.lean = True
def work(path):
    if path == "{dies}":
        os._exit(9)
    if path == "7":
        raise SopsError("seven", hint="eight")
    return Outcome(path, target=str(os.getpid()))
found = list(pool.run([str(n) for n in range(200)], ["net"], work, {jobs}))
print(len(found), len({{o.path for o in found}}))
print(len({{o.target for o in found if o.path != "net"}} - {{"", str(os.getpid())}}))
print(sorted(o.error.message + str(o.error.hints) for o in found if o.error and o.path == "7"))
print(sum("was ended" in o.error.message for o in found if o.error))
print([o.target == str(os.getpid()) for o in found if o.path == "net"])
"""


def forking(dies: str, jobs: int) -> list[str]:
    script = _FORKING.format(root=str(ROOT), dies=dies, jobs=jobs)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_computing_is_spread_over_processes_and_waiting_over_threads() -> None:
    assert forking("", 3) == ["201 201", "3", "[\"seven('eight',)\"]", "0", "[True]"]


def test_a_process_that_dies_loses_only_its_own_files() -> None:
    counted, _, _, lost, _ = forking("50", 4)
    assert counted == "201 201"
    assert 1 <= int(lost) <= 50


def test_a_library_never_forks() -> None:
    found = list(pool.run([str(n) for n in range(100)], [], lambda path: Outcome(path, target=str(os.getpid()))))
    assert {outcome.target for outcome in found} == {str(os.getpid())}
    assert len(found) == 100


def test_files_that_wait_are_under_way_together() -> None:
    meet = threading.Barrier(20, timeout=30)

    def work(path: str) -> Outcome:
        meet.wait()
        return Outcome(path)

    found = list(pool.run([], [str(n) for n in range(20)], work))
    assert [outcome.status for outcome in found] == [DONE] * 20


def test_threads_take_no_short_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """They put stand-ins for modules where another thread would find them."""
    monkeypatch.setattr(fast, "lean", True)
    seen = list(pool.run(["a"], ["b"], lambda path: Outcome(path, note=str(fast.lean))))
    assert [outcome.note for outcome in seen] == ["False", "False"]


def test_no_more_than_asked_for() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def work(path: str) -> Outcome:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.005)
        with lock:
            now -= 1
        return Outcome(path)

    list(pool.run([], [str(n) for n in range(30)], work, 3))
    assert most == 3


def test_a_failure_that_nobody_expected_keeps_its_text_to_itself() -> None:
    def work(path: str) -> Outcome:
        raise ValueError("hunter2")

    (outcome,) = pool.run(["a"], [], work)
    assert outcome.status == FAILED
    assert outcome.error is not None
    assert str(outcome.error) == "a: internal error: ValueError"


def test_an_outcome_travels_whole() -> None:
    err = TamperedError("changed", hint="restore", line=3, column=4, path=("a", 0), excerpt="a: ENC", details=("x",))
    err.caret = 2
    there = failed("f.yaml", err)
    there.warnings = ["w"]
    back = load(there.dump())
    assert (back.path, back.status, back.warnings) == ("f.yaml", FAILED, ["w"])
    assert back.error is not None
    assert {**vars(back.error)} == {**vars(err), "exit_code": 25}
    assert isinstance(back.error, SopsError)
