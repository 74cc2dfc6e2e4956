"""Targets that nothing may be renamed over: hard links, bind mounts, folders that cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sopspy.files.atomic import saved_copies, write_encrypted, write_plaintext

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
SEALED = b"a: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]\n"
WRITES = (write_encrypted, write_plaintext)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("old", "new"), [(b"old", b"longer content"), (b"longer content", b"new"), (b"", b"new")])
def test_all_hard_links_get_the_new_content(tmp_path: Path, write: Callable[..., None], old: bytes, new: bytes) -> None:
    (tmp_path / "f").write_bytes(old)
    (tmp_path / "f").chmod(0o640)
    os.link(tmp_path / "f", tmp_path / "g")
    before = (tmp_path / "f").stat()
    write(str(tmp_path / "f"), new)
    assert (tmp_path / "g").read_bytes() == new
    after = (tmp_path / "f").stat()
    assert (after.st_ino, after.st_mode, after.st_nlink) == (before.st_ino, before.st_mode, 2)
    assert sorted(os.listdir(tmp_path)) == ["f", "g"]


def test_read_only_folder(as_user: Callable[[str], str], shared: Path) -> None:
    out = as_user(
        f"open('f', 'wb').write({SEALED!r}); os.chmod('.', 0o555); os.environ['XDG_STATE_HOME'] = '/nowhere'\n"
        "attempt(atomic.write_encrypted, 'f', b'x')\n"
        f"os.chmod('.', 0o755); os.mkdir('home'); os.chmod('.', 0o555); del os.environ['XDG_STATE_HOME']\n"
        "inode = os.stat('f').st_ino\n"
        f"attempt(atomic.write_encrypted, 'f', {SEALED * 2!r})\n"
        "assert os.stat('f').st_ino == inode\n"
        "attempt(atomic.write_plaintext, 'f', b'plain')\n"
    )
    assert out.splitlines()[0].startswith("RefusedError|3|")
    assert out.splitlines()[1:] == ["done", "done"]
    assert (shared / "f").read_bytes() == b"plain"
    assert sorted(os.listdir(shared)) == ["f", "home"]
    state = shared / "home" / ".local" / "state" / "sopspy"
    assert os.listdir(state) == []
    assert state.stat().st_mode & 0o777 == 0o700


def test_plaintext_never_leaves_a_read_only_folder(as_user: Callable[[str], str], shared: Path) -> None:
    out = as_user(
        "open('f', 'wb').write(b'old secret'); os.mkdir('home'); os.chmod('.', 0o555)\n"
        "attempt(atomic.write_plaintext, 'f', b'new secret')"
    )
    assert out.startswith("RefusedError|3|")
    assert "secret" not in out
    assert (shared / "f").read_bytes() == b"old secret"
    assert [path for path in (shared / "home").rglob("*") if path.is_file()] == []


def test_bind_mounted_file(tmp_path: Path) -> None:
    """In a mount namespace of our own where the system allows that; else its twin, a folder that is read-only."""
    (tmp_path / "real").write_bytes(SEALED)
    (tmp_path / "f").write_bytes(b"")
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from sopspy.files.atomic import write_encrypted as w\n"
        f"import os; f = {str(tmp_path / 'f')!r}\n"
        "try: os.rename(f, f + 'x')\n"
        "except OSError as err: print(err.strerror)\n"
        f"w(f, {SEALED * 2!r}, {SEALED!r})"
    )
    shell = 'mount --bind "$1" "$2" && exec "$3" -c "$4"'
    words = ["sh", "-c", shell, "sh", str(tmp_path / "real"), str(tmp_path / "f"), sys.executable, script]
    own_namespace = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*own_namespace, "true"], capture_output=True).returncode:
        write_encrypted(str(tmp_path / "real"), SEALED * 2, SEALED)
    else:
        done = subprocess.run([*own_namespace, *words], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "Device or resource busy\n", "")
    assert (tmp_path / "real").read_bytes() == SEALED * 2
    assert sorted(os.listdir(tmp_path)) == ["f", "real"]


def test_copies_of_an_interrupted_write_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "state" / "sopspy").mkdir(parents=True)
    (tmp_path / "f").symlink_to("real.yaml")
    found = [
        tmp_path / "real.yaml.sopspy-old-00000000",
        tmp_path / "state" / "sopspy" / "real.yaml.sopspy-new-11111111",
    ]
    for path in (*found, tmp_path / "other.yaml.sopspy-old-0000"):
        path.write_bytes(b"x")
    assert saved_copies(str(tmp_path / "f")) == sorted(map(str, found))
