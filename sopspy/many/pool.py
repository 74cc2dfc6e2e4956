"""Work on many files side by side: threads for files that wait for a network, processes for those that only compute.

One failure never stops the others: whatever the work raises becomes the outcome of its file. Processes are forked from
this one, and only when it is ours alone (`fast.lean`) and has no other thread yet; they share no key that the files
need a network for. Must not print anything.
"""

from __future__ import annotations

import marshal
import os
import queue
import threading

from .. import fast
from ..errors import SopsError
from .outcome import Outcome, failed, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Work = Callable[[str], Outcome]

THREADS = 64
"""Files under way at once when they wait for a network."""

_FEW = 48
"""Fewer files are not worth another process, which costs some milliseconds."""

_LENGTH = 4


def run(local: list[str], remote: list[str], work: Work, jobs: int = 0) -> Iterator[Outcome]:
    """The outcome of every file, as they come. `jobs`: how many at once; 0 lets the pool choose.

    Closing the iterator early ends what is under way.
    """
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    workers = _processes(len(local), jobs)
    if workers > 1:
        yield attempt(work, local[0])  # loads what every file needs, which the processes then share
        local = local[1:]
    children = [_Child(local[at::workers], work, done) for at in range(workers)] if workers > 1 else []
    fast.lean = False  # its short cuts of imports are for one thread
    try:
        for child in children:
            child.listen()
        if not children:
            _start_threads(local, work, min(jobs or 4, len(local)), done)
        _start_threads(remote, work, min(jobs or THREADS, len(remote)), done)
        for _ in range(len(local) + len(remote)):
            yield done.get()
    finally:
        for child in children:
            child.end()


def attempt(work: Work, path: str) -> Outcome:
    """The outcome of one file, whatever happens."""
    try:
        return work(path)
    except SopsError as err:
        return failed(path, err)
    except Exception as err:  # its text could hold a value
        return failed(path, SopsError(f"internal error: {type(err).__name__}"))


def _processes(files: int, jobs: int) -> int:
    """How many processes: twice as many as there are processors, for half of the time is waiting for the disk."""
    if not fast.lean or not hasattr(os, "fork") or files < _FEW or threading.active_count() > 1:
        return 1
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(jobs or 2 * processors, files // (_FEW // 4))


def _start_threads(paths: list[str], work: Work, count: int, done: queue.SimpleQueue[Outcome]) -> None:
    """Start threads that nobody waits for: what they write is whole or not there."""
    waiting = iter(paths)
    lock = threading.Lock()

    def serve() -> None:
        while True:
            with lock:
                path = next(waiting, None)
            if path is None:
                return
            done.put(attempt(work, path))

    for _ in range(count):
        threading.Thread(target=serve, daemon=True).start()


class _Child:
    """A process with its share of the files."""

    def __init__(self, paths: list[str], work: Work, done: queue.SimpleQueue[Outcome]) -> None:
        self._paths = paths
        self._done = done
        self._ended = False
        self._input, output = os.pipe()
        self._pid = os.fork()
        if self._pid:
            os.close(output)
            return
        try:
            os.close(self._input)
            for path in paths:
                _send(output, attempt(work, path))
        finally:
            os._exit(0)

    def listen(self) -> None:
        """Take its outcomes as they come."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        left = dict.fromkeys(self._paths)
        with open(self._input, "rb") as stream:
            while head := stream.read(_LENGTH):
                outcome = load(marshal.loads(stream.read(int.from_bytes(head, "big"))))  # noqa: S302  # our own child's
                del left[outcome.path]
                self._done.put(outcome)
        for path in left:
            self._done.put(failed(path, SopsError("the process that worked on it was ended")))

    def end(self) -> None:
        """End it, if it still runs."""
        from signal import SIGTERM

        try:
            if os.waitpid(self._pid, os.WNOHANG)[0] == 0:
                os.kill(self._pid, SIGTERM)
                os.waitpid(self._pid, 0)
        except (ChildProcessError, ProcessLookupError):
            return


def _send(output: int, outcome: Outcome) -> None:
    data = marshal.dumps(outcome.dump())
    view = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while view:
        view = view[os.write(output, view) :]
