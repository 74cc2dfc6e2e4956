"""Named bounds on what a file may ask of us, each with its reason. Imports nothing.

A bound is far above real use and not below what sops itself accepts.
"""

from __future__ import annotations

MAX_DEPTH = 10_000
"""Nested collections. go-yaml and Go's JSON decoder stop at this number."""

MAX_EXPANDED = 500_000
"""Nodes that aliases may add by expansion in one file: an alias bomb doubles its size with every line, while
go-yaml allows about 400,000."""

MAX_RECIPIENTS = 10_000
"""Master keys of one file: each costs a key agreement or a network call."""

MAX_IDENTITY_BYTES = 16 << 20
"""Size of an identity file, as sops limits it."""

MAX_VALUE_DEPTH = 200
"""Nested collections in one value that is set, or that a path makes."""

MAX_MASKED = 100
"""Places in one YAML file where libyaml is stricter than sops (`[a:, b]`): each costs another pass over the text."""

CALL_SECONDS = 20.0
"""One call of a key service over a network with all its retries. sops waits for ever at a server that is silent."""

IMPATIENCE_SECONDS = 2.0
"""How long a silent key service is waited for before the next key of the file is tried as well."""

CALLS_AT_ONCE = 64
"""Calls under way in one process: far more than a service is asked for politely, so that threads are bounded."""
