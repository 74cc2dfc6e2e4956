"""Runs the stories in `transcripts/`: plain text in which indented lines are commands and what they print.

    $ sopspy decrypt missing.yaml     a command for /bin/sh
    > more                            its next line
    text                              a line of standard output; an empty one is (empty line)
    text(no newline)                  its last line, when no newline ends it
    ! text                            a line of standard error
    [100]                             the exit code, when it is not 0

Everything else is prose. Each story runs in an empty folder with a home of its own, in which Alice's identity lies
where sops looks for it; $ALICE and $BOB are recipients, $BOB_IDENTITY is a file, `sops` is a link to us. What differs
from run to run is shown as `ENC[…]`, `<time>`, `<armor>`, `<here>`. To write what is printed now into the stories:
python -m tests.cli.test_transcripts
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.cli.stage import prepare

HERE = Path(__file__).parent
STORIES = sorted((HERE / "transcripts").glob("*.txt"))
INDENT = "    "
_CHANGING = (
    (re.compile(r"ENC\[AES256_GCM,data:[^\]]*\]"), "ENC[…]"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d "), "<time> "),
    (re.compile(r"-----BEGIN AGE ENCRYPTED FILE-----.*?-----END AGE ENCRYPTED FILE-----(\\n)?", re.DOTALL), "<armor>"),
)


def stable(text: str, folder: Path) -> str:
    """`text` with what differs from run to run replaced."""
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return text.replace(str(folder), "<here>")


def perform(command: str, folder: Path, environ: dict[str, str]) -> list[str]:
    """What a command prints and its exit code, as lines of a story."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environ, capture_output=True, stdin=subprocess.DEVNULL, timeout=60
    )
    out = stable(done.stdout.decode("utf-8", "backslashreplace"), folder)
    if out and not out.endswith("\n"):
        out += "(no newline)"
    lines = out.splitlines()
    lines += [f"! {line}" for line in stable(done.stderr.decode("utf-8", "backslashreplace"), folder).splitlines()]
    if done.returncode:
        lines.append(f"[{done.returncode}]")
    return [INDENT + (line or "(empty line)") for line in lines]


def replay(story: str) -> str:
    """The story as it happens now."""
    told: list[str] = []
    lines = story.splitlines()
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        environ = prepare(Path(home))
        Path(home, "bin", "sops").symlink_to("sopspy")
        while lines:
            line = lines.pop(0)
            told.append(line)
            if not line.startswith(f"{INDENT}$ "):
                continue
            command = [line[len(INDENT) + 2 :]]
            while lines and lines[0].startswith(f"{INDENT}> "):
                told.append(lines[0])
                command.append(lines.pop(0)[len(INDENT) + 2 :])
            while lines and lines[0].startswith(INDENT) and not lines[0].startswith(f"{INDENT}$ "):
                lines.pop(0)
            told += perform("\n".join(command), Path(folder), environ)
    return "\n".join(told) + "\n"


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    story = path.read_text()
    assert replay(story) == story


def test_there_are_stories() -> None:
    assert len(STORIES) >= 8


if __name__ == "__main__":
    for changed in STORIES:
        changed.write_text(replay(changed.read_text()))
