"""`sopspy updatekeys`: the recipients of files become those of their creation rules.

One file after the other; one that fails does not stop the others. What happens is shown on standard output before it
is done, the progress on standard error, as sops prints them. Source: sops 3.13.2.
"""

from __future__ import annotations

import os
import sys

from ...errors import ConfigError, FileError, SopsError, UsageError
from ...operations.update_keys import Locked, differences, settled, threshold_for
from .. import report
from ..context import config_of
from . import NO_FILE, formats_of, key_ring, now, read_input, several, warn, write_file
from ._ask import agreed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...keys.ring import KeyRing
    from ...operations.update_keys import Difference
    from ...rules import Config
    from ..parse import Request

_UNDERLINED, _GREEN, _RED, _OFF = "\x1b[4m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


def run(request: Request) -> int:
    """Update every file. Raises the error of the only file, or one that counts those that failed."""
    config = config_of(request)
    if config is None:
        raise ConfigError("config file not found: updatekeys takes the recipients from .sops.yaml", hint=_NAME_CONFIG)
    if not request.positionals:
        raise UsageError("no file specified", hint="sopspy help updatekeys", exit_code=NO_FILE)
    ring = key_ring(request)
    if several(request):
        return _many(request, config, ring)
    if len(request.positionals) == 1:
        request.subject = request.positionals[0]
        _update(request, config, ring, request.positionals[0])
        return 0
    failed = 0
    for path in request.positionals:
        try:
            _update(request, config, ring, path)
        except SopsError as err:
            failed += 1
            report.show_error(err.named(path), request.environ)
    if failed:
        raise SopsError(f"failed updating {failed} key(s)")
    return 0


_SAME_DATA_KEY = "the data key is the same, so whoever was removed can open what they have seen"
_NAME_CONFIG = "make one with sopspy init, or name one: --config FILE"


def _many(request: Request, config: Config, ring: KeyRing) -> int:
    """Update the files of folders side by side: nobody is asked about each."""
    from . import _fleet

    _fleet.check_jobs(request)
    if not request.flag("yes") and not request.flag("dry-run"):
        raise UsageError(
            "nobody is asked about each file of a folder", hint="agree beforehand: --yes, or try: --dry-run"
        )

    def make(path: str) -> tuple[bytes, bytes, list[str]]:
        change = _Change(request, config, path)
        if change.empty:
            return change.before, change.before, []
        warnings = [_SAME_DATA_KEY] if change.removes else []
        return change.made(ring), change.before, warnings

    return _fleet.run(request, _fleet.Task("updated", ring, make))


class _Change:
    """What is to happen to one file. Raises SopsError."""

    def __init__(self, request: Request, config: Config, path: str) -> None:
        self.before = read_input(path)
        self._locked = Locked(self.before, formats_of(request, path)[0])
        plan = config.plan_for(path, now())
        if plan is None:
            raise ConfigError(f"The config file {config.path} does not contain any creation rule")
        old = self._locked.metadata
        self._groups = settled(plan.groups, old.groups)
        self.differences = differences(old.groups, self._groups)
        self.old_threshold = old.threshold
        self.threshold = min(old.threshold, len(self._groups))

    @property
    def empty(self) -> bool:
        """Whether the file has these keys already."""
        return all(change.empty for change in self.differences) and self.threshold == self.old_threshold

    @property
    def removes(self) -> bool:
        """Whether somebody is removed."""
        return any(change.removed for change in self.differences)

    def made(self, ring: KeyRing) -> bytes:
        """The file with its new keys. Raises DataKeyError (128), WrapError."""
        return self._locked.with_keys(self._groups, threshold_for(len(self._groups), self.threshold), ring)


def _update(request: Request, config: Config, ring: KeyRing, path: str) -> None:
    full = os.path.abspath(path)
    _check_file(path)
    _say(f"Syncing keys for file {full}")
    change = _Change(request, config, path)
    if change.empty:
        _say(f"File {full} already up to date")
        return
    _show(request, change.differences, change.old_threshold, change.threshold)
    if not request.flag("yes") and not agreed(
        "Is this okay? (y/n):", "to agree beforehand: sopspy updatekeys --yes FILE"
    ):
        _say(f"File {full} left unchanged")
        return
    write_file(path, change.made(ring), change.before, plaintext=False)
    _say(f"File {full} synced with new keys")
    if change.removes:
        warn(request, f"{path}: {_SAME_DATA_KEY}")
        report.show_line(f"hint: to shut them out of what comes, make a new data key: sopspy rotate -i {path}")


def _check_file(path: str) -> None:
    """Raise FileError (exit 1, as sops does here) for what is missing or a folder."""
    if os.path.isdir(path):
        raise FileError("can't operate on a directory", file=path, exit_code=1)
    if not os.path.exists(path):
        raise FileError("no such file", file=path, exit_code=1)


def _show(request: Request, changes: list[Difference], old: int, new: int) -> None:
    paint = report.coloured(sys.stdout, request.environ)

    def line(text: str, colour: str = "") -> None:
        text = report.safe(text)
        sys.stdout.write(f"{colour}{text}{_OFF}\n" if paint and colour else f"{text}\n")

    line("The following changes will be made to the file's groups:")
    if old == new and old > 0:
        line(f"shamir_threshold: {new}")
    else:
        for mark, value, colour in (("+++", new, _GREEN), ("---", old, _RED)):
            if value > 0:
                line(f"{mark} shamir_threshold: {value}", colour)
    for number, change in enumerate(changes, 1):
        line(f"Group {number}", _UNDERLINED)
        for name in change.common:
            line(f"    {name}")
        for name in change.added:
            line(f"+++ {name}", _GREEN)
        for name in change.removed:
            line(f"--- {name}", _RED)
    sys.stdout.flush()


def _say(text: str) -> None:
    """A line of progress, with the time before it as sops prints it."""
    import time

    report.show_line(f"{time.strftime('%Y/%m/%d %H:%M:%S')} {text}")
