"""What each short cut of the start-up saves: whole decryptions in turn, each without one of them."""

from __future__ import annotations

import sys

PUBLIC = """
import sopspy.fast as fast
def {name}(*given, short=fast.{name}):
    fast.lean = False
    try:
        return short(*given)
    finally:
        fast.lean = True
fast.{name} = {name}
"""
WITHOUT = {
    "all of them": "",
    "without leaving at once": "import atexit\n",
    "garbage collector on": "import gc; gc.disable = lambda: None\n",
    "public AES-GCM": PUBLIC.format(name="aesgcm"),
    "public SHA-512": PUBLIC.format(name="sha512"),
    "public YAML parser": "import sopspy.formats.libyaml as libyaml; libyaml._lean_parser = lambda: None\n",
    "none of them": "import atexit, gc; gc.disable = lambda: None\n"
    "import sopspy.formats.libyaml as libyaml; libyaml._lean_parser = lambda: None\n"
    + PUBLIC.format(name="aesgcm")
    + PUBLIC.format(name="sha512"),
}


def all_of() -> list[tuple[str, list[str]]]:
    """Title and program of each."""
    start = "from sopspy.cli.main import entry; entry()"
    return [(title, [sys.executable, "-c", code + start]) for title, code in WITHOUT.items()]
