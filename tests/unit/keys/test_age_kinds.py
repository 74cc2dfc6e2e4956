"""Every kind of recipient that age knows, ours and with the live peer where it knows the kind."""

import base64
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pexpect
import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from sopspy.errors import SopsError
from sopspy.keys import age, age_hybrid, age_text
from sopspy.keys.age import Service
from sopspy.keys.base import NotForMe
from sopspy.keys.identities import Source
from sopspy.keys.ring import KeyRing
from sopspy.metadata import MasterKey
from sopspy.operations import decrypt
from tests.support import gnupg
from tests.support.env import KEYS, VECTORS, identity, recipient

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
    key = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, 2048)
    kept = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    path = folder / f"id-{kind}"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, kept))
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return path, f"{public.decode()} me@host"


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
    assert b"SOPS_AGE_KEY_FILE needs a passphrase: there is no terminal to ask on" in done.stderr


def test_gpg_agent_is_asked_first(tmp_path: Path) -> None:
    data = pyrage.passphrase.encrypt(identity().encode(), "pässword")
    (tmp_path / "locked").write_bytes(data)
    name = "SopsAge" + base64.b32encode(hashlib.sha256(data).digest()[:25]).decode()
    with gnupg.Home() as home:
        (Path(home.path) / "gpg-agent.conf").write_text("allow-preset-passphrase\npinentry-program /bin/false\n")
        socket = command(home, "gpgconf", "--list-dirs", "agent-socket").strip()
        command(home, "gpgconf", "--kill", "gpg-agent")
        command(home, "gpgconf", "--launch", "gpg-agent")
        environ = {"SOPS_AGE_KEY_FILE": str(tmp_path / "locked"), "GPG_AGENT_INFO": socket, "HOME": str(tmp_path)}
        preset = f"PRESET_PASSPHRASE {name} -1 "
        command(home, "gpg-connect-agent", preset + "pässword".encode().hex(), "/bye")
        assert Service(environ).open(made(recipient())) == SECRET
        command(home, "gpg-connect-agent", preset + b"other".hex(), "/bye")
        with pytest.raises(NotForMe, match="SOPS_AGE_KEY_FILE: incorrect passphrase"):
            Service(environ).open(made(recipient()))
        with pytest.raises(NotForMe, match="gpg-agent gives none"):  # the wrong one is not kept
            Service(environ).open(made(recipient()))


def command(home: gnupg.Home, *words: str) -> str:
    return subprocess.run(words, env=home.environ(), capture_output=True, text=True, check=True).stdout


def test_threads_share_one_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[str] = []
    read_once = age.standing_sources

    def slowly(environ: Mapping[str, str]) -> list[Source]:
        readings.append("")
        time.sleep(0.1)  # long enough for the other threads to come here, too
        return read_once(environ)

    monkeypatch.setattr(age, "standing_sources", slowly)
    service = Service({"SOPS_AGE_KEY": identity(), "HOME": str(tmp_path)})
    entry = made(recipient())
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: service.open(entry), range(4))) == {SECRET}
    assert len(readings) == 1


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


@pytest.mark.parametrize("name", ["../../tmp/x", ".x", "-x", "x y", "x;id", "x/y", "x\\y"])
def test_the_name_of_a_plugin_never_becomes_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{tmp_path}/sub:/usr/bin:/bin")
    program = tmp_path / "ran"
    (tmp_path / "x").write_text(f"#!/bin/sh\ntouch {program}\n")
    (tmp_path / "x").chmod(0o755)
    with pytest.raises(SopsError, match=r"age plugin|malformed"):
        made(age_text.encode(f"age1{name}", b"test"))
    assert not program.exists()


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


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_golden_files_of_ssh_keys(kind: str, tmp_path: Path) -> None:
    folder = VECTORS / f"yaml-ssh-{kind}"
    ring = KeyRing({"HOME": str(tmp_path), "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(KEYS / f"ssh_{kind}")})
    opened = decrypt.decrypt((folder / "encrypted.yaml").read_bytes(), "yaml", ring)
    assert opened.data == (folder / "decrypted.yaml").read_bytes()
