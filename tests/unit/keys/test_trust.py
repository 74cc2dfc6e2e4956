"""Which endpoints a file may choose: by the lists of the environment, on a terminal, and where nobody watches."""

from __future__ import annotations

import pytest

from sopspy.errors import SopsError
from sopspy.keys.trust import Trust, UntrustedError

VAULT = "https://vault.example.com:8200"


def vault(address: str = VAULT, **environ: str) -> bool:
    try:
        Trust(environ).check_vault(address)
    except UntrustedError:
        return False
    return True


def azure(url: str, **environ: str) -> bool:
    try:
        Trust(environ).check_azure(url)
    except UntrustedError:
        return False
    return True


def test_sops_allow_list_is_by_prefix_of_the_address_and_a_slash() -> None:
    assert vault(SOPS_HC_VAULT_ALLOWLIST=f"https://a, {VAULT}")
    assert vault(SOPS_HC_VAULT_ALLOWLIST="all")
    assert vault(SOPS_HC_VAULT_ALLOWLIST="")
    assert not vault(SOPS_HC_VAULT_ALLOWLIST="none")
    assert not vault("https://vault.example.com.evil.org", SOPS_HC_VAULT_ALLOWLIST="https://vault.example.com")
    with pytest.raises(SopsError, match="empty entry"):
        Trust({"SOPS_HC_VAULT_ALLOWLIST": "https://a,,https://b"})


def test_our_list_takes_urls_hosts_and_wild_cards() -> None:
    for entry in (VAULT, f"{VAULT}/", "vault.example.com", "*.example.com"):
        assert vault(SOPSPY_TRUSTED_ENDPOINTS=f"x, {entry}"), entry
    for entry in ("https://vault.example.com", "example.com", "*.vault.example.com", "http://vault.example.com:8200"):
        assert not vault(SOPSPY_TRUSTED_ENDPOINTS=entry), entry
    assert not vault("https://evilexample.com", SOPSPY_TRUSTED_ENDPOINTS="*.example.com")


def test_a_list_pins_and_without_one_plain_http_is_for_this_machine() -> None:
    assert vault()
    assert vault("http://127.0.0.1:8200")
    assert not vault("http://10.0.0.1:8200")
    assert vault("http://10.0.0.1:8200", SOPSPY_TRUSTED_ENDPOINTS="http://10.0.0.1:8200")


def test_where_nobody_watches_only_what_is_listed_counts() -> None:
    assert not vault(SOPSPY_UNATTENDED="1")
    assert vault(SOPSPY_UNATTENDED="1", SOPSPY_TRUSTED_ENDPOINTS="vault.example.com")
    assert vault(SOPSPY_UNATTENDED="1", SOPS_HC_VAULT_ALLOWLIST=VAULT)
    trust = Trust({"SOPSPY_UNATTENDED": "1", "SOPSPY_TRUSTED_ENDPOINTS": "arn:aws:iam::1:role/a,profile:dev"})
    assert [trust.role("arn:aws:iam::1:role/a"), trust.role("arn:aws:iam::1:role/b")] == ["arn:aws:iam::1:role/a", ""]
    assert [trust.profile("dev"), trust.profile("prod")] == ["dev", ""]
    assert Trust({}).role("any") == "any"


def test_key_vaults_of_microsoft_need_no_list() -> None:
    assert azure("https://mine.vault.azure.net", SOPSPY_UNATTENDED="1")
    assert azure("https://127.0.0.1:9021")
    assert not azure("https://vault.azure.net.evil.org", SOPSPY_UNATTENDED="1")
    assert not azure("https://other.vault.azure.net", SOPSPY_TRUSTED_ENDPOINTS="mine.vault.azure.net")
