"""What all tests share: a clean environment and the live peer."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings
from hypothesis.internal.conjecture import providers

from tests.support import env
from tests.support.peer import Peer, program

if TYPE_CHECKING:
    from collections.abc import Iterator

# No shrinking: with a process for each try it takes five minutes a failure. tests/support/fuzz.py finds small files.
_TRIES = (Phase.explicit, Phase.generate)
settings.register_profile("suite", deadline=None, derandomize=True, database=None, phases=_TRIES)
settings.load_profile("suite")

# Hypothesis mixes in constants of the modules that happen to be loaded, so the same test would try other examples in
# another worker. What it finds at random is the business of tests/support/fuzz.py.
_NO_CONSTANTS = type(providers._local_constants)()
providers._get_local_constants = lambda: _NO_CONSTANTS


# A job in the background of a script ignores Ctrl-C and Ctrl-\, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(autouse=True, scope="session")
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the person who runs the tests reaches them: no keys, no configuration, a HOME of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in env.foreign(os.environ):
            patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Peer:
    """The live `sops`, with the identity of age1."""
    return Peer(program(), tmp_path_factory.mktemp("peer"))
