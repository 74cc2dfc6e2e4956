import threading
from io import StringIO

import pytest

from sopspy.cli import progress
from sopspy.cli.parse import Request


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, total: int, stream: StringIO, **options: bool) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "_REFRESH_SECONDS", 0)
    request = Request("rotate", {"TERM": "xterm"})
    request.options.update(options)
    threads = threading.active_count()
    with progress.of(total, request) as step:
        assert threading.active_count() == threads, "the pool forks only without threads"
        for number in range(total):
            step(str(number))
    return stream.getvalue()


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "rotate" in shown(monkeypatch, 20, Terminal())


@pytest.mark.parametrize(
    ("total", "stream", "json"), [(20, StringIO, False), (3, Terminal, False), (20, Terminal, True)]
)
def test_no_bar_where_nobody_reads_it(
    total: int, stream: type[StringIO], json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(monkeypatch, total, stream(), json=json) == ""
