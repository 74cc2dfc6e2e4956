"""Which endpoints a file may send us and our credentials to (L7).

A file's metadata names the Vault that gets our token and the Key Vault that gets our request, and whoever can write the
repository can change it. Two lists of the user's environment pin them; without any, a Vault that is new here is warned
about once on a terminal, and plain http is for loopback addresses only. Where nobody watches (`SOPSPY_UNATTENDED=1`,
which git drivers, hooks and GitOps plugins set for themselves) what is not listed is refused, and roles and profiles
that only the file names are not used.

`SOPSPY_TRUSTED_ENDPOINTS`: entries separated by commas, each a URL prefix (`https://vault.example.com:8200`), a host
(`myvault.vault.azure.net`, `*.vault.azure.net`), a role ARN, or `profile:NAME`. `SOPS_HC_VAULT_ALLOWLIST`: as sops
reads it (`all`, `none`, or URL prefixes), for Vault only.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TRUSTED, VAULT_LIST = "SOPSPY_TRUSTED_ENDPOINTS", "SOPS_HC_VAULT_ALLOWLIST"
UNATTENDED = "SOPSPY_UNATTENDED"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_AZURE = (".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net", ".managedhsm.azure.net")


class UntrustedError(SopsError):
    """An endpoint that a file names and nobody else."""


class Trust:
    """The lists of one environment. Raises SopsError for an allow list with an empty entry, as sops does."""

    __slots__ = ("_environ", "_listed", "_strict", "_vaults")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._strict = environ.get(UNATTENDED) == "1"
        self._listed = [part.strip() for part in environ.get(TRUSTED, "").split(",") if part.strip()]
        self._vaults = _vault_list(environ.get(VAULT_LIST, ""))

    def check_vault(self, address: str) -> None:
        """Raise UntrustedError for a Vault that must not get our token."""
        if self._vaults is not None:
            if not any(f"{address}/".startswith(prefix) for prefix in self._vaults):
                raise UntrustedError(
                    f"{address} is not in {VAULT_LIST}", hint=f"if it is yours: {VAULT_LIST}={address}"
                )
            return
        if self._names(address):
            return
        if self._listed or self._strict:
            raise _unlisted(address)
        url = urlsplit(address)
        if url.scheme != "https" and url.hostname not in _LOOPBACK:
            raise UntrustedError(
                f"{address} would get the Vault token unencrypted", hint=f"if that is meant: {TRUSTED}={address}"
            )
        if address.rstrip("/") != self._environ.get("VAULT_ADDR", "").rstrip("/"):
            self._mention(address)

    def check_azure(self, url: str) -> None:
        """Raise UntrustedError for a Key Vault host that is neither listed nor one of Microsoft's."""
        host = urlsplit(url).hostname or ""
        if self._names(url) or (not self._listed and host.endswith(_AZURE)):
            return
        if self._listed or self._strict:
            raise _unlisted(url)

    def role(self, arn: str) -> str:
        """The role that a file names, "" where it is not to be used."""
        return arn if not self._strict or arn in self._listed else ""

    def profile(self, name: str) -> str:
        """The AWS profile that a file names, "" where it is not to be used."""
        return name if not self._strict or f"profile:{name}" in self._listed else ""

    def _names(self, url: str) -> bool:
        """Whether an entry of the list covers a URL."""
        host = urlsplit(url).hostname or ""
        for entry in self._listed:
            if "://" in entry:
                if f"{url.rstrip('/')}/".startswith(f"{entry.rstrip('/')}/"):
                    return True
            elif entry == host or (entry.startswith("*.") and host.endswith(entry[1:])):
                return True
        return False

    def _mention(self, address: str) -> None:
        """Tell a person, once for each address, that a file has chosen where the token goes."""
        if sys.stderr is None or not sys.stderr.isatty():
            return
        base = self._environ.get("XDG_STATE_HOME") or os.path.join(self._environ.get("HOME", ""), ".local", "state")
        path = os.path.join(base, "sopspy", "vault-addresses")
        try:
            with open(path, encoding="utf-8") as file:
                if address in file.read().split("\n"):
                    return
        except OSError:
            pass
        sys.stderr.write(f"sopspy: warning: this file's Vault is new here and gets your token: {address!r}\n")
        try:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"{address}\n")
        except OSError:
            return

    def __repr__(self) -> str:
        return f"Trust({len(self._listed)} listed, strict={self._strict})"


def _vault_list(text: str) -> list[str] | None:
    """The prefixes of sops' allow list; None for any. Raises SopsError for an empty entry."""
    if text.strip() in ("", "all"):
        return None
    if text.strip() == "none":
        return []
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise SopsError(f"{VAULT_LIST} has an empty entry", hint="write it as URL,URL, or all, or none")
    return [f"{part.rstrip('/')}/" for part in parts]


def _unlisted(url: str) -> UntrustedError:
    return UntrustedError(f"{url} is named by the file only, not by {TRUSTED}", hint=f"if it is yours: {TRUSTED}={url}")
