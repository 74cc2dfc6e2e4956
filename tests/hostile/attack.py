"""What every attack shares: a stage with an encrypted file on it, and what a good refusal looks like.

The program runs as its users run it, in a process of its own through the console entry. A refusal has sops' exit code
and a message that names what is wrong and where; it never shows a secret or a traceback, and prints nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import env, ours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
FILES = Path(__file__).parent / "files"
SECRET = "s3cr3t-hunter2"
PLAIN = f"""\
# a comment
db:
    user: admin
    password: {SECRET}
    port: 5432
    tls: true
    ratio: 1.50
list:
    - one-{SECRET}
    - two
"""
_START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from sopspy.cli.main import entry; entry()"


class Done:
    """How a command ended: `code`, `out` (bytes), `err` (text)."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out
        self.err = err.decode("utf-8", "replace")

    def worked(self) -> bytes:
        """Standard output of a command that worked and said nothing."""
        assert (self.code, self.err) == (0, "")
        return self.out

    def refused(self, code: int, *words: str) -> str:
        """Assert a good refusal with this exit code and these words in its message; the message."""
        assert "Traceback" not in self.err
        assert "internal error" not in self.err
        assert SECRET not in self.err
        assert self.out == b""
        assert (self.code, self.err[:15]) == (code, "sopspy: error: ")
        for word in words:
            assert word in self.err
        return self.err


class Stage:
    """A folder of its own for each test, and the program in it with the identity of age1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "stage"
        self.folder.mkdir()
        self.home = folder / "home"
        self.home.mkdir()
        self.environ = env.scrubbed(self.home)

    def put(self, name: str, data: str | bytes) -> Path:
        """Write a file on the stage."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return path

    def run(
        self,
        *arguments: str,
        input: bytes = b"",
        environ: Mapping[str, str | None] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Done:
        """`sopspy arguments…`. `environ`: variables on top, None takes one away. `before`: done in the child first."""
        changed = {**self.environ, **(environ or {})}
        done = subprocess.run(
            [sys.executable, "-c", _START, *arguments],
            input=input,
            capture_output=True,
            cwd=self.folder,
            env={name: value for name, value in changed.items() if value is not None},
            preexec_fn=before,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def decrypt(self, data: str | bytes, name: str = "f.yaml", *options: str) -> Done:
        """Put a file and decrypt it. Whatever comes of it, the file stays as it is and alone."""
        path = self.put(name, data)
        held, others = path.read_bytes(), sorted(os.listdir(self.folder))
        done = self.run("decrypt", *options, name)
        assert path.read_bytes() == held
        assert sorted(os.listdir(self.folder)) == others
        return done

    def encrypt(self, data: str | bytes, name: str = "f.yaml", *options: str) -> Done:
        """Put a file and encrypt it in place for age1; when that fails, the file stays as it is and alone."""
        path = self.put(name, data)
        held, others = path.read_bytes(), sorted(os.listdir(self.folder))
        done = self.run("encrypt", "-i", "--age", env.recipient(), *options, name)
        assert sorted(os.listdir(self.folder)) == others
        assert (path.read_bytes() == held) == (done.code != 0)
        return done


def encrypted(text: str = PLAIN, format: str = "yaml", **options: str | bool) -> str:
    """An encrypted file for age1."""
    return ours.encrypt(text.encode(), format, **options).decode()


def token(text: str, key: str) -> str:
    """The envelope of the value of `key` in an encrypted YAML text."""
    found = re.search(rf"^ *{key}: (ENC\[.*\])$", text, re.MULTILINE)
    assert found, key
    return found[1]


def block(text: str) -> str:
    """The metadata block of an encrypted YAML text."""
    return text[text.index("\nsops:\n") + 1 :]


def place(text: str, word: str) -> str:
    """`line:column` of a word in a text, as a message names it."""
    at = text.index(word)
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"
