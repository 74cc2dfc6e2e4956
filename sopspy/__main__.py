"""`python -m sopspy`: the console script, where that is not on PATH."""

from .cli.main import entry

if __name__ == "__main__":
    entry()
