"""The documents say what is true: their examples run, and what they name exists."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pyrage import x25519

import sopspy
from scripts import reference
from tests.cli.stage import prepare
from tests.cli.test_transcripts import stable
from tests.support.peer import program

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sopspy"
END = "<end of a recipe>"
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


def recipes(page: str) -> list[tuple[str, str]]:
    """The commands of a page in order, each with what is said to come of it."""
    text = (ROOT / page).read_text()
    return re.findall(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", text, re.DOTALL)


def run(blocks: list[str], tmp_path: Path, editor: str) -> list[str]:
    """What each block prints, all in one shell: a new folder, a home without an identity."""
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    environ = prepare(home)
    (home / ".config" / "sops" / "age" / "keys.txt").unlink()
    (home / "bin" / "sops").symlink_to(program())
    environ["PATH"] = f"{home / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "".join(f"{block}\necho '{END}'\n" for block in blocks)
    done = subprocess.run(
        ["/bin/sh", "-euc", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={**environ, "EDITOR": editor},
        timeout=120,
        check=False,
    )
    printed = stable(done.stdout.decode(), folder).replace(str(home), "<home>")
    assert done.returncode == 0, printed
    return printed.split(f"{END}\n")[:-1]


def test_the_how_to_page(tmp_path: Path) -> None:
    found = recipes("docs/how-to.md")
    assert len(found) >= 10
    printed = run([commands for commands, _ in found], tmp_path, "sed -i s/app/owner/")
    for (commands, said), now in zip(found, printed, strict=True):
        new = [line for line in now.splitlines() if "keep a copy in a safe place" not in line]
        assert new == said.splitlines(), commands


def test_the_minute_of_the_readme(tmp_path: Path) -> None:
    (printed,) = run([commands for commands, _ in recipes("README.md")], tmp_path, "sed -i s/app/owner/")
    assert printed.startswith("age1")
    assert printed.endswith("stringData:\n  user: owner\n  port: 5433\n")


def test_the_reference_is_what_the_table_says() -> None:
    assert (ROOT / "docs" / "reference.md").read_text() == reference.page(), "make reference"


def test_the_reference_names_every_variable_that_is_read() -> None:
    read = {name for tree in sources().values() for name in variables(tree)}
    assert {"SOPS_AGE_KEY", "EDITOR", "XDG_RUNTIME_DIR"} <= read
    text = reference.page()
    assert {name for name in read if f"| `{name}` |" not in text} == {"APPDATA", "AppData"}


def test_the_reference_names_every_exit_code() -> None:
    used = {code for path, tree in sources().items() for code in exit_codes(path, tree)}
    assert {6, 49, 100, 112, 128, 200} <= used
    text = reference.page()
    assert [code for code in sorted(used) if f"\n| {code} | " not in text] == []


def sources() -> dict[str, ast.Module]:
    """Every module of the package by its name."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.stem != "__init__"]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text()) for path in paths}


def variables(tree: ast.Module) -> set[str]:
    """What is asked of an `environ`, and any constant that has a name of ours, of sops or of an editor."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and re.fullmatch(r"SOPS(PY)?_[A-Z_]+|EDITOR|VISUAL", str(node.value)):
            found.add(str(node.value))
        called = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        place = node.value if isinstance(node, ast.Subscript) else called
        if place is not None and ast.unparse(place).endswith("environ"):
            asked = node.slice if isinstance(node, ast.Subscript) else (*node.args, node)[0]
            if isinstance(asked, ast.Constant):
                found.add(str(asked.value))
    return found


def exit_codes(module: str, tree: ast.Module) -> set[int]:
    """The numbers that become exit codes: given to an error, set on one or on a class, or a constant of `main`."""
    values: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "exit_code":
            values.append(node.value)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).split(".")[-1] == "exit_code":
            values.append(node.value)
    names = vars(import_module(module))
    found = [node for value in values for node in ast.walk(value)]
    numbers = [names.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None) for node in found]
    return {number for number in numbers if type(number) is int}


def test_the_tests_that_the_threat_model_names_exist() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "docs" / "threat-model.md").read_text())
    assert len(named) >= 30
    for file, name in named:
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(), (file, name)


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {name for name in pages if f"({name})" not in index} == set()


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
