"""Every kind of recipient that age knows, ours and with the live peer where it knows the kind."""

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pyrage
import pytest

from sopspy.errors import SopsError
from sopspy.keys import age_hybrid
from sopspy.keys.age import Service
from sopspy.keys.base import NotForMe
from sopspy.metadata import MasterKey

SECRET = bytes(range(32))
BIN = Path(__file__).parents[2] / "support" / "bin"
SOPS = Path(sys.executable).parent / "sops"
OURS = Path(sys.executable).parent / "sopspy"
DUMMY, DUMMY_IDENTITY = "age1dummy1w3jhxaq0u4x9s", "AGE-PLUGIN-DUMMY-1W3JHXAQHX5FP4"


def made(recipient: str) -> MasterKey:
    entry = MasterKey("age", {"recipient": recipient})
    entry.enc = Service({}).wrap(entry, SECRET)
    return entry


def ssh_key(folder: Path, kind: str, passphrase: str = "") -> tuple[Path, str]:
    path = folder / f"id-{kind}"
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "me@host", "-f", str(path)]
    subprocess.run(words, check=True)
    return path, path.with_suffix(".pub").read_text().strip()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "plain.yaml").write_text("a: s3cret\n")
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    return {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}


def both_ways(environ: dict[str, str], recipient: str) -> None:
    folder = Path(environ["HOME"])
    for seals, opens in ((SOPS, OURS), (OURS, SOPS)):
        words = [seals, "encrypt", "--age", recipient, "plain.yaml"]
        sealed = subprocess.run(words, cwd=folder, env=environ, capture_output=True, check=True).stdout
        (folder / "sealed.yaml").write_bytes(sealed)
        done = subprocess.run(
            [opens, "decrypt", "sealed.yaml"], cwd=folder, env=environ, capture_output=True, check=False
        )
        assert done.stdout == b"a: s3cret\n", done.stderr


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_ssh_keys_of_each_source(tmp_path: Path, home: dict[str, str], kind: str) -> None:
    path, recipient = ssh_key(tmp_path, kind)
    both_ways({**home, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(path)}, recipient)
    command = {"HOME": "/nonexistent", "SOPS_AGE_SSH_PRIVATE_KEY_CMD": f"cat {path}", "PATH": home["PATH"]}
    entry = made(recipient)
    assert Service(command).open(entry) == SECRET
    assert Service(command).holds(entry)
    (tmp_path / ".ssh").mkdir()
    path.rename(tmp_path / ".ssh" / f"id_{kind}")
    assert Service(home).open(entry) == SECRET
    assert Service(home).likely(made(recipient.rpartition(" ")[0]))


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_passphrase_is_asked_for_on_the_terminal(tmp_path: Path, home: dict[str, str], kind: str) -> None:
    path, recipient = ssh_key(tmp_path, kind, "hunter22")
    environ = {**home, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(path)}
    assert talk(environ, recipient, f'Enter passphrase for "{path}":', "hunter22") == (0, "a: s3cret")
    status, said = talk(environ, recipient, f'Enter passphrase for "{path}":', "other")
    assert status == 128
    assert "incorrect passphrase" in said


def test_a_locked_identity_file(tmp_path: Path, home: dict[str, str]) -> None:
    key = pyrage.x25519.Identity.generate()
    path = tmp_path / "locked"
    path.write_bytes(pyrage.passphrase.encrypt(f"{key}\n".encode(), "hunter22"))
    environ = {**home, "SOPS_AGE_KEY_FILE": str(path)}
    prompt, recipient = "Enter passphrase for identity 'SOPS_AGE_KEY_FILE':", str(key.to_public())
    assert talk(environ, recipient, prompt, "hunter22") == (0, "a: s3cret")
    assert talk(environ, recipient, prompt, "other")[0] == 128
    words = [OURS, "decrypt", tmp_path / "sealed.yaml"]
    done = subprocess.run(
        words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, check=False
    )
    assert done.returncode == 128
    assert b"needs a passphrase: there is no terminal to ask on" in done.stderr


def talk(environ: dict[str, str], recipient: str, prompt: str, answer: str) -> tuple[int | None, str]:
    """The exit code and the output of a decryption that asks."""
    folder = environ["HOME"]
    words = [OURS, "encrypt", "--age", recipient, "--output", "sealed.yaml", "plain.yaml"]
    subprocess.run(words, cwd=folder, env=environ, check=True)
    child = pexpect.spawn(str(OURS), ["decrypt", "sealed.yaml"], cwd=folder, env=environ, encoding="utf-8", timeout=20)  # type: ignore[arg-type]
    child.expect_exact(prompt)
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, str(child.before).strip()


def test_plugin_both_ways(home: dict[str, str]) -> None:
    both_ways({**home, "SOPS_AGE_KEY": DUMMY_IDENTITY}, DUMMY)
    assert not Service({**home, "SOPS_AGE_KEY": DUMMY_IDENTITY}).holds(made(DUMMY))


def test_a_plugin_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SopsError, match="age-plugin-dummy is not installed"):
        made(DUMMY)


def test_post_quantum() -> None:
    text, recipient = age_hybrid.generate()
    entry = made(recipient)
    assert Service({"SOPS_AGE_KEY": text}).open(entry) == SECRET
    assert Service({"SOPS_AGE_KEY": text}).holds(entry)
    with pytest.raises(NotForMe, match="no matching identity"):
        Service({"SOPS_AGE_KEY": age_hybrid.generate()[0], "HOME": "/nonexistent"}).open(entry)
    lines = entry.enc.split("\n")
    lines[-3] = ("A" if lines[-3][0] != "A" else "B") + lines[-3][1:]
    entry.enc = "\n".join(lines)
    with pytest.raises(NotForMe, match="payload was changed"):
        Service({"SOPS_AGE_KEY": text, "HOME": "/nonexistent"}).open(entry)
    assert text not in repr(age_hybrid.Opener.read(text))
