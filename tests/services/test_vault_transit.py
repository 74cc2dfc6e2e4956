"""Vault transit with a real OpenBao server: both ways with sops, and every way in which it can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.program import Programs
from tests.services.web import DROP, HOLD, Response, Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.bao import Bao
    from tests.services.web import Request

PLAIN = "a: s3cret\nb: 1.50\n"


@pytest.fixture
def both(bao: Bao, tmp_path: Path) -> Programs:
    made = Programs(tmp_path, {"VAULT_TOKEN": bao.environ["VAULT_TOKEN"]})
    made.put("plain.yaml", PLAIN)
    return made


def sealed(both: Programs, uri: str, name: str = "f.yaml") -> None:
    """Our encrypted file for a key."""
    done = both.ours("encrypt", "--hc-vault-transit", uri, "--output", name, "plain.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def failure(both: Programs, name: str = "f.yaml") -> str:
    """What is said when a file does not open; never the token."""
    done = both.ours("decrypt", name)
    assert done.returncode == 128, done.stderr
    assert both.environ.get("VAULT_TOKEN", "root-of") not in done.stderr
    return done.stderr


@pytest.mark.parametrize("engine", ["transit", "team/transit"])
def test_both_ways(bao: Bao, both: Programs, engine: str) -> None:
    uri = bao.key("both", engine)
    sealed(both, uri)
    assert both.theirs("decrypt", "f.yaml").stdout.startswith("a: s3cret\n")
    assert both.theirs("encrypt", "--hc-vault-transit", uri, "--output", "t.yaml", "plain.yaml").returncode == 0
    assert both.ours("decrypt", "t.yaml").stdout.split() == ["a:", "s3cret", "b:", "1.5"]
    ours, theirs = (both.read(name).partition("hc_vault:")[2].split("lastmodified")[0] for name in ("f.yaml", "t.yaml"))
    assert sorted(line.partition(":")[0].lstrip(" -") for line in ours.splitlines()) == sorted(
        line.partition(":")[0].lstrip(" -") for line in theirs.splitlines()
    )


def test_files_of_a_rotated_key_open_with_the_new_version_too(bao: Bao, both: Programs) -> None:
    uri = bao.key("rotated")
    sealed(both, uri, "old.yaml")
    bao.ask("POST", "transit/keys/rotated/rotate")
    sealed(both, uri, "new.yaml")
    assert "enc: vault:v1:" in both.read("old.yaml")
    assert "enc: vault:v2:" in both.read("new.yaml")
    assert both.ours("decrypt", "old.yaml").stdout == both.ours("decrypt", "new.yaml").stdout == PLAIN


def test_an_rsa_key(bao: Bao, both: Programs) -> None:
    sealed(both, bao.key("rsa", type="rsa-2048"))
    assert both.ours("decrypt", "f.yaml").stdout == PLAIN
    assert both.theirs("decrypt", "f.yaml").returncode == 0


def test_a_token_that_may_only_decrypt(bao: Bao, both: Programs) -> None:
    uri = bao.key("guarded")
    sealed(both, uri)
    both.environ["VAULT_TOKEN"] = bao.token("transit/decrypt/guarded=update")
    assert both.ours("decrypt", "f.yaml").stdout == PLAIN
    done = both.ours("encrypt", "--hc-vault-transit", uri, "plain.yaml")
    assert done.returncode == 1
    assert "permission denied (HTTP 403), token of VAULT_TOKEN" in done.stderr
    assert both.environ["VAULT_TOKEN"] not in done.stderr


def test_the_token_of_the_home_folder(bao: Bao, both: Programs, tmp_path: Path) -> None:
    sealed(both, bao.key("home"))
    (tmp_path / ".vault-token").write_text(f"{both.environ.pop('VAULT_TOKEN')}\n")
    assert both.ours("decrypt", "f.yaml").stdout == PLAIN
    (tmp_path / ".vault-token").unlink()
    assert "no token: VAULT_TOKEN and ~/.vault-token are empty" in failure(both)


def test_a_namespace(bao: Bao, both: Programs) -> None:
    bao.ask("PUT", "sys/namespaces/team-a", {})
    both.environ["VAULT_NAMESPACE"] = "team-a"
    done = both.ours("encrypt", "--hc-vault-transit", f"{bao.url}/v1/transit/keys/k", "plain.yaml")
    assert done.returncode == 1  # nothing is mounted there
    assert "HTTP 404" in done.stderr or "HTTP 403" in done.stderr or "no handler" in done.stderr


def test_wrong_token_damaged_text_and_missing_engine(bao: Bao, both: Programs) -> None:
    sealed(both, bao.key("k"))
    text = both.read("f.yaml")
    both.put("f.yaml", text.replace("vault:v1:", "vault:v1:AAAA"))
    assert "(HTTP 400)" in failure(both)
    both.put("f.yaml", text.replace("engine_path: transit", "engine_path: nowhere"))
    assert "is the engine mounted there" in failure(both)
    both.put("f.yaml", text)
    both.environ["VAULT_TOKEN"] = "wrong"
    assert "permission denied" in failure(both)


class Broken(Server):
    """Answers as it is told."""

    def answer(self, request: Request, fault: str) -> Response:
        status = int(fault) if fault.isdigit() else 200
        body = b'{"data": {"plaintext": "!!"}}' if status == 200 else b'{"errors": ["out of order"]}'
        return Response("ask", status, body)


@pytest.mark.parametrize(
    ("fault", "counted", "words"),
    [("503", 3, "out of order"), ("403", 1, "out of order"), ("", 1, "without a plaintext"), (DROP, 3, "closes the")],
)
def test_passing_faults_are_tried_again_and_denials_are_not(
    bao: Bao, both: Programs, fault: str, counted: int, words: str
) -> None:
    sealed(both, bao.key("k"))
    with Broken() as server:
        server.always = fault
        both.put("f.yaml", both.read("f.yaml").replace(bao.url, server.url))
        assert words in failure(both)
        assert sum(server.counts.values()) == counted


def test_a_server_that_never_answers_holds_up_no_other_key(bao: Bao, both: Programs) -> None:
    with Broken() as server:
        server.always = HOLD
        both.environ["SOPS_DECRYPTION_ORDER"] = "hc_vault"
        uris = f"{bao.key('silent')},{bao.key('alive')}"
        sealed(both, uris)
        text = both.read("f.yaml")
        first = text.index(f"vault_address: {bao.url}")
        both.put("f.yaml", text[:first] + text[first:].replace(bao.url, server.url, 1))
        assert both.ours("decrypt", "f.yaml").stdout == PLAIN


def test_nobody_listens(bao: Bao, both: Programs) -> None:
    sealed(both, bao.key("k"))
    both.put("f.yaml", both.read("f.yaml").replace(bao.url, "http://127.0.0.1:1"))
    assert "cannot be reached: connection refused" in failure(both)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SOPS_HC_VAULT_ALLOWLIST": "none"}, "is not in SOPS_HC_VAULT_ALLOWLIST"),
        ({"SOPS_HC_VAULT_ALLOWLIST": "https://other"}, "is not in SOPS_HC_VAULT_ALLOWLIST"),
        ({"SOPS_HC_VAULT_ALLOWLIST": "https://a,,https://b"}, "has an empty entry"),
        ({"SOPSPY_TRUSTED_ENDPOINTS": "https://other"}, "named by the file only"),
    ],
)
def test_a_vault_that_is_not_listed_gets_no_token(
    bao: Bao, both: Programs, variables: dict[str, str], words: str
) -> None:
    sealed(both, bao.key("k"))
    both.environ |= variables
    assert words in failure(both)


@pytest.mark.parametrize("name", ["SOPS_HC_VAULT_ALLOWLIST", "SOPSPY_TRUSTED_ENDPOINTS"])
def test_a_listed_vault_works(bao: Bao, both: Programs, name: str) -> None:
    sealed(both, bao.key("k"))
    both.environ[name] = f"https://other, {bao.url}/"
    assert both.ours("decrypt", "f.yaml").stdout == PLAIN


def test_plain_http_off_loopback_is_refused(bao: Bao, both: Programs) -> None:
    sealed(both, bao.key("k"))
    both.put("f.yaml", both.read("f.yaml").replace(bao.url, "http://vault.example.com"))
    assert "would get the Vault token unencrypted" in failure(both)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1", "127.0.0.1:8200", ""])
def test_an_address_that_is_none(bao: Bao, both: Programs, address: str) -> None:
    sealed(both, bao.key("k"))
    both.put("f.yaml", both.read("f.yaml").replace(f"vault_address: {bao.url}", f'vault_address: "{address}"'))
    assert "sopspy: error" in failure(both)
