"""What the attacks share: a stage of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("tests.hostile.attack")

from tests.hostile.attack import Stage, encrypted  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A folder with the program in it."""
    return Stage(tmp_path)


@pytest.fixture(scope="session")
def sealed() -> str:
    """`attack.PLAIN`, encrypted for age1."""
    return encrypted()
