"""How far work on many files has come, on a terminal. Only this module and `report` may use rich; it is loaded late."""

from __future__ import annotations

import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .parse import Request

_FEW = 8
"""Fewer files are done before anybody has read a bar."""


_REFRESH_SECONDS = 0.1


@contextmanager
def of(total: int, request: Request) -> Iterator[Callable[[str], None]]:
    """A function to call after each file; it shows a bar on standard error when that is a terminal."""
    terminal = sys.stderr is not None and sys.stderr.isatty() and request.environ.get("TERM") != "dumb"
    if not terminal or total < _FEW or request.flag("json"):
        yield lambda path: None
        return
    import time

    from rich.console import Console
    from rich.progress import Progress

    # Refreshed here: rich's own thread would keep the pool from forking.
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(request.command, total=total)
        shown = time.monotonic()

        def step(path: str) -> None:
            nonlocal shown
            bar.advance(task)
            if time.monotonic() - shown > _REFRESH_SECONDS:
                shown = time.monotonic()
                bar.refresh()

        yield step
