"""One command on many files: several names, folders, `--output-dir`, `--dry-run`, `--json`.

Responsible for which files are taken, where results go, and the report at the end. What is done to one file is the
command's own: a `Task`. The exit code is 1 when a file failed, as that of `sops updatekeys` with several files.
"""

from __future__ import annotations

import gc
import os

from ...errors import ConflictError, FileError, NotEncryptedError, UsageError
from ...files import atomic
from ...many import pool
from ...many.outcome import DONE, FAILED, SKIPPED, Outcome
from ...many.walk import looks_encrypted, needs_network, walk
from .. import progress, report
from . import NO_FILE, check_exists, warn, write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...keys.ring import KeyRing
    from ...many.walk import Found
    from ..parse import Request

    Made = tuple[bytes, bytes, list[str]]

_ONLY_ONE = ("output", "extract", "filename-override")


_COLLECTING = 20_000
"""Objects that are made before garbage is looked for: some files' worth."""

_NAMED = 5
"""Files that are named of those that failed alike; `--json` names all."""


class Task:
    """What a command does to one file.

    Attributes:
        verb: the past participle, as in "decrypted".
        ring: the key ring that all files share.
        make: from a path to its new bytes, the bytes that it had, and warnings; the same bytes when there is
            nothing to do. Raises SopsError.
        plaintext: whether the new bytes are secret.
        wanted: whether a file in a folder is one to work on.
        remote: whether a file needs a key service in a network.
    """

    def __init__(self, verb: str, ring: KeyRing, make: Callable[[str], Made], *, plaintext: bool = False) -> None:
        self.verb = verb
        self.ring = ring
        self.make = make
        self.plaintext = plaintext
        self.wanted: Callable[[Found], bool] = lambda found: looks_encrypted(found.path)
        self.remote: Callable[[str], bool] = needs_network


def run(request: Request, task: Task) -> int:
    """Work on all files of a request that was checked. Raises SopsError for one that cannot be followed."""
    gc.set_threshold(_COLLECTING)
    gc.enable()  # `entry` switches it off for one file
    found = [one for one in walk(request.positionals, request.text("output-dir")) if not one.inner or task.wanted(one)]
    work = _Work(request, task, found)
    remote = [one.path for one in found if task.remote(one.path)]
    asked = set(remote)
    local = [one.path for one in found if one.path not in asked]
    outcomes: dict[str, Outcome] = {}
    with progress.of(len(found), request) as step:
        for outcome in pool.run(local, remote, work, request.number("jobs") or 0):
            outcomes[outcome.path] = outcome
            step(outcome.path)
    atomic.sync_names(outcome.target for outcome in outcomes.values() if outcome.target)
    return _tell(request, task, [outcomes[one.path] for one in found])


class _Work:
    """The work on one file. Raises SopsError."""

    def __init__(self, request: Request, task: Task, files: list[Found]) -> None:
        self._task = task
        self._dry = request.flag("dry-run")
        self._targets = _targets(request, files)
        self._walked = {found.path for found in files if found.inner}

    def __call__(self, path: str) -> Outcome:
        task = self._task
        check_exists(path)
        try:
            data, before, warnings = task.make(path)
        except NotEncryptedError:
            if path not in self._walked:
                raise
            return Outcome(path, SKIPPED, note="not encrypted")
        target = self._targets.get(path, path)
        if data is before:
            return Outcome(path, SKIPPED, note="up to date")
        outcome = Outcome(path, target="" if self._dry else target)
        outcome.warnings = warnings
        if self._dry:
            return outcome
        if target != path:
            os.makedirs(os.path.dirname(target) or ".", 0o700, exist_ok=True)
        atomic.write_one_of_many(target, data, before if target == path else None, secret=task.plaintext)
        return outcome


def check(request: Request) -> None:
    """Raise SopsError for options that several files cannot share, or when the results have nowhere to go."""
    if not request.positionals:
        raise UsageError("no file specified", hint=f"sopspy help {request.command}", exit_code=NO_FILE)
    check_jobs(request)
    for key in _ONLY_ONE:
        if request.text(key):
            raise ConflictError(f"--{key} is for one file", hint="leave it out, or name one file")
    if request.flag("in-place") and request.text("output-dir"):
        raise ConflictError("cannot use --output-dir together with --in-place")
    if request.flag("in-place") or request.text("output-dir") or request.flag("dry-run"):
        return
    hint = f"add --in-place, {'' if request.command == 'rotate' else '--output-dir DIR '}or --dry-run"
    folder = next(filter(os.path.isdir, request.positionals), "")
    if folder:
        raise FileError("is a folder, and the results have nowhere to go", file=folder, hint=hint)
    raise ConflictError("the results have nowhere to go", hint=hint)


def check_jobs(request: Request) -> None:
    """Raise UsageError for a number of files at once that is none."""
    jobs = request.number("jobs")
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs is not a number from 1 upwards")


def _targets(request: Request, files: list[Found]) -> dict[str, str]:
    """Where each result goes: below the output folder as below the folder that was named. Raises ConflictError."""
    folder = request.text("output-dir")
    if not folder:
        return {}
    targets: dict[str, str] = {}
    taken: dict[str, str] = {}
    for found in files:
        target = os.path.join(folder, found.inner or os.path.basename(found.path))
        if target in taken:
            raise ConflictError(
                f"two files would be written to {target}: {taken[target]} and {found.path}",
                hint="work on their folders one after the other, with an output folder for each",
            )
        taken[target] = found.path
        targets[found.path] = target
    return targets


def _tell(request: Request, task: Task, outcomes: list[Outcome]) -> int:
    """Report every failure and warning, then how many files there were. Returns the exit code."""
    counts = {status: sum(one.status == status for one in outcomes) for status in (DONE, SKIPPED, FAILED)}
    if request.flag("json"):
        _print_json(request, task, outcomes, counts)
    else:
        _show_warnings(request, outcomes)
        _show_failures(request, outcomes)
        report.show_line(_summary(task.verb, counts, dry=request.flag("dry-run")))
    return 1 if counts[FAILED] else 0


def _show_warnings(request: Request, outcomes: list[Outcome]) -> None:
    """Every warning, equal ones together."""
    alike: dict[str, list[str]] = {}
    for outcome in outcomes:
        for line in outcome.warnings:
            alike.setdefault(line, []).append(outcome.path)
    for line, paths in alike.items():
        warn(request, f"{paths[0]}{':' if line[:1].isdigit() else ': '}{line}")
        _show_others(paths[1:])


def _show_others(paths: list[str]) -> None:
    if paths:
        shown = ", ".join(paths[:_NAMED]) + (", ..." if len(paths) > _NAMED else "")
        report.show_line(f"  the same for {len(paths)} more: {shown}")


def _show_failures(request: Request, outcomes: list[Outcome]) -> None:
    """Every failure, those with one cause together: a missing key fails a thousand files alike."""
    alike: dict[tuple[object, ...], list[Outcome]] = {}
    for outcome in outcomes:
        err = outcome.error
        if err is not None:
            alike.setdefault((err.message, err.details, err.line, err.path), []).append(outcome)
    for group in alike.values():
        assert group[0].error is not None
        report.show_error(group[0].error, request.environ)
        _show_others([outcome.path for outcome in group[1:]])


def _summary(verb: str, counts: dict[str, int], *, dry: bool) -> str:
    total = counts[DONE] + counts[FAILED]
    done = f"{counts[DONE]} of {total} files" if counts[FAILED] else f"{total} file{'' if total == 1 else 's'}"
    failed = f", {counts[FAILED]} failed" if counts[FAILED] else ""
    return f"{'would have ' if dry else ''}{verb} {done}{failed}"


def _print_json(request: Request, task: Task, outcomes: list[Outcome], counts: dict[str, int]) -> None:
    import json

    files = [_record(outcome) for outcome in outcomes]
    calls = {kind: {"asked": count.asked, "remembered": count.remembered} for kind, count in task.ring.counts.items()}
    whole = {"command": request.command, "files": files, "summary": counts, "calls": calls}
    write_stdout(json.dumps(whole, indent=2, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n")


def _record(outcome: Outcome) -> dict[str, object]:
    record: dict[str, object] = {"path": outcome.path, "status": outcome.status}
    if outcome.target:
        record["output"] = outcome.target
    if outcome.note:
        record["note"] = outcome.note
    if outcome.warnings:
        record["warnings"] = outcome.warnings
    err = outcome.error
    if err is not None:
        record["error"] = {
            "message": err.message,
            "line": err.line,
            "column": err.column,
            "path": list(err.path),
            "details": list(err.details),
            "hints": list(err.hints),
            "exit_code": err.exit_code,
        }
    return record
