"""The servers of this folder's tests, started once for each worker on 127.0.0.1 and reset before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.aws import Aws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def _aws() -> Iterator[Aws]:
    with Aws() as server:
        yield server


@pytest.fixture
def aws(_aws: Aws) -> Aws:
    """The strict fake of AWS KMS and STS."""
    _aws.reset()
    return _aws
