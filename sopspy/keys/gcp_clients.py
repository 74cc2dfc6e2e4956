"""The client of Google Cloud KMS: made when a key first needs it, one for all keys and threads.

Responsible for credentials, endpoint, universe and transport, as sops' variables choose them, and for the limits and
retries of a call. Must not know master keys. Source: sops 3.13.2; google-auth's application default credentials.
"""

from __future__ import annotations

import os
import threading

from ..errors import SopsError
from .base import NotForMe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_SCOPES = ("https://www.googleapis.com/auth/cloudkms",)
_ANSWER_SECONDS, _RETRY_SECONDS = 6.0, 8.0


class Client:
    """Calls Cloud KMS. `identity` says whose credentials are used, without any secret."""

    __slots__ = ("_client", "_environ", "_kms", "_lock", "_retry", "crc32c", "identity")

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises SopsError when google-cloud-kms is not installed."""
        try:
            import google_crc32c
            from google.cloud.kms_v1.services import key_management_service as kms
        except ImportError:
            raise SopsError("Google Cloud KMS needs google-cloud-kms", hint="pip install 'sopspy[gcp]'") from None
        self.crc32c: Any = google_crc32c.value
        self.identity = ""
        self._kms = kms
        self._environ = environ
        self._lock = threading.Lock()
        self._client: Any = None
        self._retry: Any = None

    def call(self, method: str, request: dict[str, Any]) -> Any:
        """The answer of `encrypt` or `decrypt`. Raises what the libraries raise."""
        with self._lock:
            if self._client is None:
                self._retry = _retry()
                self._client = self._make()
        return getattr(self._client, method)(request=request, retry=self._retry, timeout=_ANSWER_SECONDS)

    def _make(self) -> Any:
        from google.api_core.client_options import ClientOptions

        environ = self._environ
        endpoint = environ.get("SOPS_GCP_KMS_ENDPOINT", "")
        universe = "" if endpoint else environ.get("SOPS_GCP_KMS_UNIVERSE_DOMAIN", "")
        credentials = self._credentials(universe)
        rest = environ.get("SOPS_GCP_KMS_CLIENT_TYPE", "").lower() == "rest"
        options = ClientOptions(universe_domain=universe or None, api_endpoint=endpoint or None)
        transport: Any = "rest" if rest else "grpc"
        roots = environ.get("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH") or environ.get("SSL_CERT_FILE")
        if not rest and roots:
            transport = _transport(self._kms, roots)
        return self._kms.KeyManagementServiceClient(
            credentials=credentials, transport=transport, client_options=options
        )

    def _credentials(self, universe: str) -> Any:
        """sops' own variables first, then the application default credentials."""
        import google.auth

        environ = self._environ
        given = environ.get("GOOGLE_CREDENTIALS", "")
        if given:
            return self._given(given)
        token = environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "")
        if token:
            from google.oauth2.credentials import Credentials

            self.identity = "GOOGLE_OAUTH_ACCESS_TOKEN"
            return Credentials(  # type: ignore[no-untyped-call]
                token=token, universe_domain=universe or None
            )
        path = environ.get("GOOGLE_APPLICATION_CREDENTIALS", "") if environ is not os.environ else ""
        self.identity = "the application default credentials"
        found = _quietly(google.auth.load_credentials_from_file, path) if path else _quietly(google.auth.default)
        self._name(found)
        return found

    def _given(self, given: str) -> Any:
        import json

        import google.auth

        self.identity = "GOOGLE_CREDENTIALS"
        try:
            if os.path.exists(given):
                with open(given, "rb") as file:
                    info = json.load(file)
            else:
                info = json.loads(given)
        except (OSError, ValueError):
            raise NotForMe("GOOGLE_CREDENTIALS is neither a file of credentials nor their JSON text") from None
        found = _quietly(google.auth.load_credentials_from_dict, info)
        self._name(found)
        return found

    def _name(self, credentials: Any) -> None:
        email = getattr(credentials, "service_account_email", "")
        if email and email != "default":
            self.identity = f"{email} of {self.identity}"

    def __repr__(self) -> str:
        return f"Client({self.identity})"


def _quietly(load: Callable[..., tuple[Any, Any]], *given: Any) -> Any:
    """Load credentials of any type. The library warns of types that the user may not expect: here they are his own."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load(*given, scopes=_SCOPES)[0]


def _retry() -> Any:
    """Only what passes by itself is tried again, with jitter; a refusal never is."""
    import requests
    from google.api_core import exceptions
    from google.api_core.retry import Retry, if_exception_type

    passing = if_exception_type(
        exceptions.ServiceUnavailable,
        exceptions.ResourceExhausted,
        exceptions.TooManyRequests,
        exceptions.InternalServerError,
        exceptions.BadGateway,
        requests.exceptions.ConnectionError,
    )
    return Retry(predicate=passing, initial=0.2, maximum=2.0, multiplier=2.0, timeout=_RETRY_SECONDS)


def _transport(kms: Any, roots: str) -> Any:
    """A gRPC transport that believes the certificates of a file. gRPC alone does not know SSL_CERT_FILE, Go does."""
    import grpc

    try:
        with open(roots, "rb") as file:
            trusted = grpc.ssl_channel_credentials(root_certificates=file.read())
    except OSError:
        return "grpc"
    kind = kms.KeyManagementServiceClient.get_transport_class("grpc")

    def make(**given: Any) -> Any:
        return kind(**given, ssl_channel_credentials=trusted)

    return make
