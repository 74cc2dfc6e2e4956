"""Run pairs of whole processes in turn and print our figures, theirs, and the ratio of the medians."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = Path(sys.executable).with_name("sopspy")


class Run:
    """One finished process: seconds on the clock and on the processor, and the most memory in MiB."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        start = time.perf_counter()
        # Elsewhere: `python -m` prefers a package of the current folder to the installed one.
        child = subprocess.Popen(command, env=env, cwd=env["HOME"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"failed with {child.returncode}: {' '.join(command)}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)


class Bench:
    """A scratch folder with a key, and the two programs."""

    def __init__(self, folder: Path, sops: str | None, rounds: int) -> None:
        self.folder = folder
        self.sops = sops
        self.rounds = rounds
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "SOPS_DISABLE_VERSION_CHECK": "1"}
        self.env["SOPS_AGE_KEY_FILE"] = str(folder / "keys.txt")
        subprocess.run([OURS, "keygen", "-o", str(folder / "keys.txt")], env=self.env, check=True, capture_output=True)
        line = next(line for line in (folder / "keys.txt").read_text().splitlines() if "public key" in line)
        self.to = ["--age", line.split()[-1]]

    def file(self, name: str, size: int = 0) -> tuple[str, str]:
        """Write a plain file and an encrypted one; their paths."""
        plain, sealed = self.folder / f"plain-{name}", self.folder / f"sealed-{name}"
        # Made elsewhere: a child's most memory is never less than what this process had when it started it.
        subprocess.run([sys.executable, "-m", "benchmarks.files", name, str(size), plain], check=True)
        done = subprocess.run([OURS, "encrypt", *self.to, plain], env=self.env, check=True, capture_output=True)
        sealed.write_bytes(done.stdout)
        return str(plain), str(sealed)

    def pair(self, title: str, words: list[str], rounds: int | None = None, program: Sequence[str] = ()) -> float:
        """Time `words` with both programs in turn; returns our median of wall seconds."""
        ours, theirs = [], []
        for _ in range(rounds or self.rounds):
            ours.append(Run([*(program or [str(OURS)]), *words], self.env))
            if self.sops:
                theirs.append(Run([self.sops, *words], self.env))
        print(f"{title:34}", " ".join(_figure(name, ours, theirs) for name in ("wall", "cpu", "memory")))
        return statistics.median(run.wall for run in ours)


def _figure(name: str, ours: list[Run], theirs: list[Run]) -> str:
    """`wall 12 ms (least 11) / 9 ms (least 8) = 1.33`."""
    unit, factor = ("MiB", 1.0) if name == "memory" else ("ms", 1000.0)
    sides = []
    for runs in (ours, theirs):
        values = [getattr(run, name) * factor for run in runs]
        if values:
            sides.append((statistics.median(values), min(values)))
    text = " / ".join(f"{middle:.1f} {unit} (least {least:.1f})" for middle, least in sides)
    return f" {name} {text}" + (f" = {sides[0][0] / sides[1][0]:.2f}" if len(sides) == 2 else "")


def main() -> None:
    """Everything, or the parts that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    said = "startup, launch, tricks, yaml, json, binary, growth, fleet; all by default"
    parser.add_argument("parts", nargs="*", help=said)
    parser.add_argument("--sops", default=shutil.which("sops"), help="the program to compare with")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    if not given.sops:
        print("no sops on PATH and none given with --sops: only our own figures follow")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), given.sops, given.rounds)
        for part in given.parts or PARTS:
            PARTS[part](bench)


def startup(bench: Bench) -> None:
    """A small Kubernetes Secret."""
    bench.to += ["--encrypted-regex", "^(data|stringData)$"]
    plain, sealed = bench.file("secret.yaml")
    bench.pair("start-up decrypt", ["decrypt", sealed], 3 * bench.rounds)
    bench.pair("start-up encrypt", ["encrypt", *bench.to, plain], 3 * bench.rounds)
    del bench.to[2:]


def launch(bench: Bench) -> None:
    """The same, by every way of starting the program."""
    from . import ways

    bench.to += ["--encrypted-regex", "^(data|stringData)$"]
    plain, sealed = bench.file("secret.yaml")
    for title, program, environ in ways.all_of(bench.folder):
        before, bench.env = bench.env, {**bench.env, **environ}
        for words in (["decrypt", sealed], ["encrypt", *bench.to, plain]):
            bench.pair(f"{title} {words[0]}", words, 3 * bench.rounds, program)
        bench.env = before
    del bench.to[2:]


def tricks(bench: Bench) -> None:
    """The same, with each short cut left out: all of them in every round."""
    from .tricks import all_of

    bench.to += ["--encrypted-regex", "^(data|stringData)$"]
    sealed = bench.file("secret.yaml")[1]
    programs = all_of()
    runs: dict[str, list[Run]] = {title: [] for title, _ in programs}
    for _ in range(3 * bench.rounds):
        for title, program in programs:
            runs[title].append(Run([*program, "decrypt", sealed], bench.env))
    for title, done in runs.items():
        print(f"{title:34}", _figure("wall", done, []), _figure("cpu", done, []))
    del bench.to[2:]


def yaml(bench: Bench) -> None:
    """10,000 leaves."""
    _both(bench, "YAML 10,000 leaves", "values.yaml", 10_000)


def json(bench: Bench) -> None:
    """10,000 leaves."""
    _both(bench, "JSON 10,000 leaves", "values.json", 10_000)


def binary(bench: Bench) -> None:
    """8 MiB."""
    _both(bench, "binary 8 MiB", "data.bin", 8 << 20)


def growth(bench: Bench) -> None:
    """Time for each leaf, which has to stay the same."""
    theirs, bench.sops = bench.sops, None
    for name in ("values.yaml", "values.json"):
        for leaves in (10_000, 50_000, 200_000):
            plain, sealed = bench.file(name, leaves)
            for title, words in (("decrypt", ["decrypt", sealed]), ("encrypt", ["encrypt", *bench.to, plain])):
                seconds = bench.pair(f"{name} {leaves} {title}", words)
                print(f"{'':34}  {seconds / leaves * 1e6:.1f} microseconds a leaf")
    bench.sops = theirs


def fleet(bench: Bench) -> None:
    """Many files in one process."""
    from . import fleet as part

    part.run(bench.folder, bench.env, bench.to, bench.sops)


def _both(bench: Bench, title: str, name: str, size: int) -> None:
    plain, sealed = bench.file(name, size)
    bench.pair(f"{title} decrypt", ["decrypt", sealed])
    bench.pair(f"{title} encrypt", ["encrypt", *bench.to, plain])


PARTS = {
    "startup": startup,
    "launch": launch,
    "tricks": tricks,
    "yaml": yaml,
    "json": json,
    "binary": binary,
    "growth": growth,
    "fleet": fleet,
}


if __name__ == "__main__":
    main()
