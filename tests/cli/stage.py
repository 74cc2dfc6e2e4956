"""Where stories play: a home with Alice's identity in it, and a `sopspy` on the PATH."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

# Throw-away identities, made for these stories; they protect nothing.
ALICE = "age1v7lxzm7z8ck5wealeg9mgy23qg0vud94yc989spypymc0kk6sgpscemgk4"
ALICE_IDENTITY = "AGE-SECRET-KEY-1CSRWYEL7MM6EDRW3DPMGGEECUEAFRU46X05F994U5XDLNTU8KMZQJXL0JT"
BOB = "age1cge3urljt2wpcn6utyc92fs67umgth8aqzraje3n7ydwuagphs6q6j7699"
BOB_IDENTITY = "AGE-SECRET-KEY-19AWKM9L3D3XQHYAYKVQ77TA2XWV6AJZLGJKHGKCQE97WWLHCVM8QCAGZ8R"


def prepare(home: Path) -> dict[str, str]:
    """Make the home and the launcher of a story; its environment."""
    keys = home / ".config" / "sops" / "age" / "keys.txt"
    keys.parent.mkdir(parents=True)
    keys.write_text(ALICE_IDENTITY + "\n")
    bob = home / "bob.txt"
    bob.write_text(BOB_IDENTITY + "\n")
    launcher = home / "bin" / "sopspy"
    launcher.parent.mkdir()
    launcher.write_text(f"#!{sys.executable}\nfrom sopspy.cli.main import entry\nentry()\n")
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    return {
        "PATH": f"{launcher.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(home),
        "ALICE": ALICE,
        "BOB": BOB,
        "BOB_IDENTITY": str(bob),
    }
