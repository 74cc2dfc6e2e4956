"""Two texts of the same file: are their values equal?

`sops` prints a tree in one way only, so two of its outputs hold equal values exactly when they are the same events;
comments make none. This compares all documents of a stream, types and repeated keys included, which JSON cannot.
"""

from __future__ import annotations

import yaml


def events(text: bytes) -> list[tuple[object, ...]]:
    """The parser's events of a YAML text: kinds, tags and scalars with whether they are plain."""
    found: list[tuple[object, ...]] = []
    for event in yaml.parse(text.decode("utf-8"), Loader=yaml.CSafeLoader):
        kind = type(event).__name__
        if isinstance(event, yaml.ScalarEvent):
            found.append((kind, event.tag, event.value, event.style is None))
        elif isinstance(event, yaml.CollectionStartEvent):
            found.append((kind, event.tag))
        elif isinstance(event, (yaml.CollectionEndEvent, yaml.DocumentStartEvent)):
            found.append((kind,))
    return found
