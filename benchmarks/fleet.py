"""Many files: one process of ours against one process of `sops` for each file, two at a time.

The key service in the network is the strict fake of the tests, in a process of its own, that waits before it answers.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import files

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = Path(sys.executable).with_name("sopspy")
PROJECT = Path(__file__).parents[1]
ROUNDS = 3
_KEY = "arn:aws:kms:eu-west-1:111122223333:key/one"


class Fleet:
    """Two folders with the same encrypted files, one for each program."""

    def __init__(self, folder: Path, env: dict[str, str], to: list[str], count: int) -> None:
        self.env = env
        self._sealed, self._work = folder / "sealed", folder / "work"
        shutil.rmtree(self._sealed, ignore_errors=True)
        self._sealed.mkdir()
        for number in range(count):
            text = files.SECRET.replace("admin", f"admin{number}")
            (self._sealed / f"{number:04}.yaml").write_text(text)
        names = sorted(str(path) for path in self._sealed.iterdir())
        subprocess.run([OURS, "encrypt", "-i", *to, *names], env=env, check=True, capture_output=True)

    def copy_first(self) -> None:
        """Make all files copies of the first."""
        names = sorted(self._sealed.iterdir())
        for name in names[1:]:
            shutil.copy(names[0], name)

    def ours(self, *words: str) -> float:
        """Seconds of one process of ours."""
        return self._timed([str(OURS), *words, "-i", str(self._fresh())])

    def theirs(self, sops: str, *words: str) -> float:
        """Seconds of one process of theirs for each file, two at a time."""
        names = "\0".join(sorted(str(path) for path in self._fresh().iterdir()))
        return self._timed(["xargs", "-0", "-n1", "-P2", sops, *words, "-i"], names.encode())

    def calls(self) -> dict[str, dict[str, int]]:
        """How often the key services are asked."""
        command = [str(OURS), "decrypt", "--dry-run", "--json", str(self._fresh())]
        done = subprocess.run(command, env=self.env, check=True, capture_output=True)
        found: dict[str, dict[str, int]] = json.loads(done.stdout)["calls"]
        return found

    def _fresh(self) -> Path:
        shutil.rmtree(self._work, ignore_errors=True)
        shutil.copytree(self._sealed, self._work)
        os.sync()  # neither program waits for the other's writes
        return self._work

    def _timed(self, command: list[str], input: bytes = b"") -> float:
        start = time.perf_counter()
        subprocess.run(command, input=input, env=self.env, check=True, capture_output=True)
        return time.perf_counter() - start


def run(folder: Path, env: dict[str, str], to: list[str], sops: str | None) -> None:
    """Print all figures. `env`: variables with the age identity that `to` encrypts to."""
    fleet = Fleet(folder, env, to, 1000)
    for word in ("decrypt", "rotate"):
        _compare(f"1,000 age files, {word}", fleet, sops, word)
    with _serve(50) as extra:
        fleet = Fleet(folder, {**env, **extra}, ["--kms", _KEY], 300)
        ours = _compare("300 KMS files, 50 ms a call", fleet, sops, "decrypt")
        print(f"{'':34}  all calls one after the other take 15 s: {15 / ours:.1f} times faster")
        fleet.copy_first()
        print(f"{'300 copies of one KMS file':34}  calls {fleet.calls()}")
    with _serve(0) as extra:
        _alone(folder, {**env, **extra})


def _compare(title: str, fleet: Fleet, sops: str | None, word: str) -> float:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(fleet.ours(word))
        if sops:
            theirs.append(fleet.theirs(sops, word))
    middle = statistics.median(ours)
    text = f"{title:34}  {middle:.2f} s (least {min(ours):.2f})"
    if theirs:
        other = statistics.median(theirs)
        text += f" / {other:.2f} s (least {min(theirs):.2f}) = {other / middle:.1f} times faster"
    print(text)
    return middle


def _alone(folder: Path, env: dict[str, str]) -> None:
    """One file with one KMS key: what is ours beside the import of the SDK and the call."""
    plain, sealed = folder / "one.yaml", folder / "one-sealed.yaml"
    plain.write_text(files.SECRET)
    done = subprocess.run([OURS, "encrypt", "--kms", _KEY, plain], env=env, check=True, capture_output=True)
    sealed.write_bytes(done.stdout)
    whole, bare = [], []
    for _ in range(4 * ROUNDS):
        for command, times in (
            ([str(OURS), "decrypt", str(sealed)], whole),
            ([sys.executable, "-c", "import boto3"], bare),
        ):
            start = time.perf_counter()
            subprocess.run(command, env=env, check=True, capture_output=True)
            times.append((time.perf_counter() - start) * 1000)
    mine = statistics.median(whole) - statistics.median(bare)
    print(
        f"{'one KMS file':34}  {statistics.median(whole):.0f} ms, of which import boto3"
        f" {statistics.median(bare):.0f} ms: {mine:.0f} ms are client, call and ours"
    )


@contextmanager
def _serve(milliseconds: int) -> Iterator[dict[str, str]]:
    """The variables of a fake KMS that waits so long before each answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.services.aws", str(port), str(milliseconds)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT)
    assert server.stdout is not None
    server.stdout.readline()
    time.sleep(0.2)
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEUSER",
            "AWS_SECRET_ACCESS_KEY": "secret-of-user",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
