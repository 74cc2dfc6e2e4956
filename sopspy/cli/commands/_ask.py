"""A question to whoever runs the command, on standard output as sops asks it."""

from __future__ import annotations

import sys

from ...errors import SopsError


def agreed(question: str, hint: str) -> bool:
    """Whether the answer is y rather than n; anything else is asked again. Raises SopsError when nobody answers."""
    while True:
        sys.stdout.write(question)
        sys.stdout.flush()
        answer = sys.stdin.readline() if sys.stdin is not None else ""
        if not answer.strip():
            raise SopsError("an empty answer" if answer else "EOF: nobody is there to answer", hint=hint)
        if answer.strip() in ("y", "n"):
            return answer.strip() == "y"
