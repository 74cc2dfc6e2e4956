"""Hypothesis strategies over the generators: files of a row of the grammar, and edits of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.support import generate

if TYPE_CHECKING:
    from tests.support.generate import File


def yaml_files(row: str | None = None) -> st.SearchStrategy[File]:
    """YAML files that have `row` of `generate.ROWS`."""
    return st.randoms(use_true_random=False).map(lambda random: generate.yaml(random, row))


def json_files(row: str | None = None) -> st.SearchStrategy[File]:
    """JSON files that have `row` of `generate.ALL_JSON_ROWS`."""
    return st.randoms(use_true_random=False).map(lambda random: generate.json_file(random, row))
