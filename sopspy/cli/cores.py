"""Keeps the memory of this process, which holds secrets, from being written to a disk when it crashes.

Must not be called by the library: the limits of a process are its owner's matter.
"""

from __future__ import annotations

__all__ = ["forbid_core_dumps"]


def forbid_core_dumps() -> None:
    """No core dump of this process and of its children; nothing where the system has no such limit.

    One byte and not none: only that stops Linux from handing the memory to a program that collects crashes (core(5)).
    """
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0 if hard == 0 else 1, hard))
