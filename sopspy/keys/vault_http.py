"""HTTP to a HashiCorp Vault or OpenBao server, set up by Vault's own variables.

Responsible for TLS, proxies, time limits and few retries, and for what an answer's status means; must not know paths.
The token never gets into a message, nor does what a server says beyond its own error lines. Source: Vault HTTP API;
Vault's client for the variables.
"""

from __future__ import annotations

import json
import os
import random
import ssl
import time
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SECONDS = 10.0
_TRIES = 3
_PAUSE = 0.2
_MAX_ANSWER = 64 << 20
_TRUE = ("1", "t", "T", "true", "TRUE", "True")


class VaultError(SopsError):
    """A refusal of the server. `status` is its HTTP status."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint or ())
        self.status = status


class VaultSilentError(VaultError):
    """Nobody answered."""

    def __init__(self, message: str) -> None:
        super().__init__(0, message, "is the address right, and the server running?")


class _NoRedirect(HTTPRedirectHandler):
    """A redirection could carry the token anywhere."""

    def redirect_request(self, *args: object) -> None:
        return None


class Client:
    """One server. Safe to use from several threads: nothing in it changes."""

    __slots__ = ("_address", "_opener", "_token", "_wrapped")

    def __init__(self, address: str, environ: Mapping[str, str], token: str) -> None:
        """Raises SopsError for an address that is none, and for certificates that cannot be read."""
        if not address.startswith(("https://", "http://")):
            raise SopsError("a Vault address begins with https://", hint="correct the address")
        self._address = address.rstrip("/")
        self._token = token
        self._wrapped = environ.get("VAULT_NAMESPACE", "")
        proxy = environ.get("VAULT_PROXY_ADDR") or environ.get("VAULT_HTTP_PROXY")
        proxies = ProxyHandler({"http": proxy, "https": proxy}) if proxy else ProxyHandler()
        self._opener = build_opener(proxies, _NoRedirect(), HTTPSHandler(context=_context(environ)))

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON that the server answers; {} for an empty answer. Raises VaultError."""
        for attempt in range(_TRIES):
            try:
                return self._once(method, path, body)
            except VaultError as err:
                passing = err.status in (412, 429, 500, 502, 503, 504)
                if attempt == _TRIES - 1 or not passing:
                    raise
            except ConnectionResetError:
                if attempt == _TRIES - 1:
                    raise VaultSilentError(f"{self._address} closes the connection") from None
            time.sleep(_PAUSE * 2**attempt * (0.5 + random.random()))  # noqa: S311  # jitter is no secret
        raise AssertionError

    def _once(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"X-Vault-Request": "true", "Content-Type": "application/json"}
        if self._token:
            headers["X-Vault-Token"] = self._token
        if self._wrapped:
            headers["X-Vault-Namespace"] = self._wrapped
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._address}/v1/{quote(path)}", data, headers, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                text = answer.read(_MAX_ANSWER)
        except HTTPError as err:
            with err:
                raise self._refused(err.code, err.read(1 << 16)) from None
        except URLError as err:
            raise self._silent(err.reason) from None
        except (OSError, HTTPException) as err:
            raise self._silent(err) from None
        try:
            found = json.loads(text) if text else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise VaultError(0, f"{self._address} does not answer as Vault does", "is the address right?")
        return found

    def _refused(self, status: int, body: bytes) -> VaultError:
        try:
            said = "; ".join(str(line).strip().split("\n")[-1] for line in json.loads(body)["errors"])
        except (ValueError, KeyError, TypeError):
            said = ""
        said = said.removeprefix("* ")[:200]
        if self._token:
            said = said.replace(self._token, "<token>")
        if 300 <= status < 400:
            return VaultError(status, f"{self._address} redirects elsewhere", "use the address of the active server")
        return VaultError(status, f"{said or 'the server refused'} (HTTP {status})")

    def _silent(self, reason: object) -> Exception:
        if isinstance(reason, ConnectionResetError):
            return reason
        if isinstance(reason, TimeoutError):
            return VaultSilentError(f"{self._address} did not answer within {SECONDS:g} seconds")
        if isinstance(reason, ssl.SSLError):
            why = getattr(reason, "verify_message", "") or reason.reason or "handshake failed"
            return VaultError(
                0, f"TLS with {self._address} fails: {why}", "VAULT_CACERT names the certificate to trust"
            )
        if isinstance(reason, OSError) and reason.strerror:
            return VaultSilentError(f"{self._address} cannot be reached: {reason.strerror.lower()}")
        return VaultSilentError(f"{self._address} cannot be reached")

    def __repr__(self) -> str:
        return f"Client({self._address!r})"


def token_of(environ: Mapping[str, str], *, with_file: bool = True) -> tuple[str, str]:
    """The token of `VAULT_TOKEN`, or of the file `~/.vault-token`, and where it is from; empty without any."""
    if environ.get("VAULT_TOKEN"):
        return environ["VAULT_TOKEN"].strip(), "VAULT_TOKEN"
    path = os.path.join(environ.get("HOME", ""), ".vault-token")
    if with_file and environ.get("HOME"):
        try:
            with open(path, encoding="utf-8") as file:
                return file.read(1 << 16).strip(), path
        except (OSError, ValueError):
            pass
    return "", ""


def _context(environ: Mapping[str, str]) -> ssl.SSLContext:
    cafile, capath = environ.get("VAULT_CACERT"), environ.get("VAULT_CAPATH")
    context = ssl.create_default_context()
    try:
        if cafile or capath:
            context.load_verify_locations(cafile or None, capath or None)
        if environ.get("VAULT_CLIENT_CERT"):
            context.load_cert_chain(environ["VAULT_CLIENT_CERT"], environ.get("VAULT_CLIENT_KEY") or None)
    except (OSError, ssl.SSLError):
        raise SopsError(
            "the certificates that VAULT_CACERT, VAULT_CAPATH or VAULT_CLIENT_CERT name cannot be read"
        ) from None
    if environ.get("VAULT_SKIP_VERIFY") in _TRUE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
