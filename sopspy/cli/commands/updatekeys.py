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
from . import NO_FILE, formats_of, key_ring, now, read_input, warn, write_file

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


_NAME_CONFIG = "make one with sopspy init, or name one: --config FILE"


def _update(request: Request, config: Config, ring: KeyRing, path: str) -> None:
    full = os.path.abspath(path)
    _check_file(path)
    _say(f"Syncing keys for file {full}")
    before = read_input(path)
    locked = Locked(before, formats_of(request, path)[0])
    plan = config.plan_for(path, now())
    if plan is None:
        raise ConfigError(f"The config file {config.path} does not contain any creation rule")
    old = locked.metadata
    groups = settled(plan.groups, old.groups)
    changes = differences(old.groups, groups)
    threshold = min(old.threshold, len(groups))
    if all(change.empty for change in changes) and threshold == old.threshold:
        _say(f"File {full} already up to date")
        return
    _show(request, changes, old.threshold, threshold)
    if not request.flag("yes") and not _agreed():
        _say(f"File {full} left unchanged")
        return
    data = locked.with_keys(groups, threshold_for(len(groups), threshold), ring)
    write_file(path, data, before, plaintext=False)
    _say(f"File {full} synced with new keys")
    if any(change.removed for change in changes):
        warn(request, f"{path}: the data key is the same, so whoever was removed can open what they have seen")
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


def _agreed() -> bool:
    """The answer of whoever is there. Raises SopsError when nobody answers."""
    while True:
        sys.stdout.write("Is this okay? (y/n):")
        sys.stdout.flush()
        answer = sys.stdin.readline() if sys.stdin is not None else ""
        if not answer.strip():
            reason = "an empty answer" if answer else "EOF: nobody is there to answer"
            raise SopsError(reason, hint="to agree beforehand: sopspy updatekeys --yes FILE")
        if answer.strip() in ("y", "n"):
            return answer.strip() == "y"


def _say(text: str) -> None:
    """A line of progress, with the time before it as sops prints it."""
    import time

    report.show_line(f"{time.strftime('%Y/%m/%d %H:%M:%S')} {text}")
