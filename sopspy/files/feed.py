"""A named pipe that gives its content to whoever reads it: plaintext that lies nowhere.

Each reader in turn gets all of the content: as soon as one has opened the pipe, a new pipe stands under the name for
the next. Two that open it at the very same moment share one pipe, and its content. Nobody has to read it, and nobody to
the end. Must not know what the content means. Source: fifo(7).
"""

from __future__ import annotations

import os
import select
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .private import PrivateFolder

_PATIENCE = 0.02
"""Seconds between two attempts to wake the writer when it has to end."""


class Feed:
    """A context in which the pipe is served. `path`: where it is."""

    def __init__(self, folder: PrivateFolder, name: str, content: bytes) -> None:
        """Make the pipe `name` in the folder. Raises OutputError."""
        self._folder = folder
        self._name = name
        self._content = content
        self._ended = False
        self._stop = os.pipe()
        self.path = folder.pipe(name)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Feed:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the writer: one that waits for a reader gets one, again and again, for it may just change pipes."""
        self._ended = True
        os.write(self._stop[1], b".")
        while self._thread.is_alive():
            try:
                reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            except OSError:  # the child has removed it: the thread ends with us
                return
            self._thread.join(_PATIENCE)
            os.close(reader)
        for end in self._stop:
            os.close(end)

    def _serve(self) -> None:
        following = f".{self._name}.next"
        try:
            while not self._ended:
                self._folder.pipe(following)
                writer = os.open(self.path, os.O_WRONLY)  # until somebody opens it
                self._folder.rename(following, self._name)
                try:
                    self._write(writer)
                finally:
                    os.close(writer)
        except OSError:
            return  # the folder was taken away: there is nothing to serve

    def _write(self, writer: int) -> None:
        os.set_blocking(writer, False)
        rest = memoryview(self._content)
        while rest and not self._ended:
            select.select([self._stop[0]], [writer], [])
            try:
                rest = rest[os.write(writer, rest[:65536]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                return  # not read to the end
