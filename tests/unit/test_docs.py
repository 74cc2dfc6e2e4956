"""The documents say what is true: their examples run, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyrage import x25519

import sopspy

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sopspy"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


def examples(name: str) -> list[str]:
    """The Python examples of a page in order."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)


def test_examples_of_the_library_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOPS_AGE_KEY", str(identity))
    (tmp_path / ".sops.yaml").write_text(f"creation_rules:\n  - age: {recipient}\n")
    names = {"recipient": recipient, "identity": str(identity)}
    found = examples("library.md")
    assert len(found) >= 5
    for source in found:
        exec(compile(source, "library.md", "exec"), names)


def test_every_public_name_is_on_the_library_page() -> None:
    page = (ROOT / "docs" / "library.md").read_text()
    missing = [name for name in sopspy.__all__ if name not in page and name not in ("Document", "__version__")]
    assert missing == []


def test_architecture_names_what_exists() -> None:
    named = re.findall(r"`(sopspy/[\w/]+(?:\.py|/)|(?:cli|formats|keys|operations)/[\w/]+(?:\.py|/))`", ARCHITECTURE)
    assert named
    for name in named:
        path = ROOT / name if name.startswith("sopspy") else PACKAGE / name
        assert path.exists(), name


def test_architecture_names_every_module_of_the_top_level() -> None:
    for path in sorted(PACKAGE.iterdir()):
        if path.suffix == ".py" and path.name not in ("__init__.py", "__main__.py"):
            assert f"sopspy/{path.name}" in ARCHITECTURE
        if (path / "__init__.py").exists():
            assert f"sopspy/{path.name}/" in ARCHITECTURE


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
