"""`python -m sopspy`: the console script, where that is not on PATH."""

from .cli.main import entry

entry()
