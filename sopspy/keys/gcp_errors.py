"""What Google's libraries raise, in words that name the identity used and the next thing to do.

Must not repeat the text of an exception: it may hold what was sent. Source: google-api-core, google-auth.
"""

from __future__ import annotations

from .base import NotForMe, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_AGAIN = "wait a moment and run the command again"
_LOGIN = "sign in: gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS"


class Corrupted(Exception):
    """A checksum does not fit: something changed on the way."""


def explain(err: Exception, name: str, identity: str) -> NotForMe | None:
    """The failure of a call in our words; None for what no call of the libraries should raise."""
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    if isinstance(err, api.RetryError) and isinstance(err.cause, Exception):
        return explain(err.cause, name, identity)
    if isinstance(err, auth.DefaultCredentialsError):
        return NotForMe("no usable Google credentials found", _LOGIN)
    if isinstance(err, auth.TransportError):
        return Unreachable(f"the place that gives the credentials cannot be reached ({identity})", _AGAIN)
    if isinstance(err, auth.GoogleAuthError):
        return NotForMe(f"Google does not accept these credentials ({identity})", _LOGIN)
    if isinstance(err, api.GoogleAPICallError):
        return _refused(err, name, identity)
    if isinstance(err, OSError):  # requests' own errors
        return Unreachable(_silence(err), "is the network, the proxy or SOPS_GCP_KMS_ENDPOINT right?")
    if isinstance(err, ValueError):  # google-auth, for malformed credentials
        return NotForMe(f"the Google credentials cannot be used ({identity})", _LOGIN)
    return None


def _refused(err: Exception, name: str, identity: str) -> NotForMe:
    from google.api_core import exceptions as api

    if isinstance(err, api.Unauthorized):
        return NotForMe(f"Google does not accept these credentials ({identity})", _LOGIN)
    if isinstance(err, api.Forbidden):
        return NotForMe(f"access denied ({identity})", f"ask for roles/cloudkms.cryptoKeyEncrypterDecrypter on {name}")
    if isinstance(err, api.NotFound):
        return NotForMe(f"not found ({identity})", "are project, location, key ring and key right?")
    if _status(err) == "FAILED_PRECONDITION":
        ring = name.partition("/cryptoKeys/")[0]
        key = name.rpartition("/")[2]
        listing = f"gcloud kms keys versions list --key {key} --keyring {ring}"
        return NotForMe("the key, or the version that is needed, is not enabled", listing)
    if isinstance(err, api.BadRequest):
        return NotForMe("does not open: enc was changed, or wrapped by another key")
    if isinstance(err, (api.ResourceExhausted, api.TooManyRequests)):
        return NotForMe("Google is throttling", _AGAIN)
    if isinstance(err, (api.DeadlineExceeded, api.GatewayTimeout)):
        return Unreachable("no answer in time", "is the network, the proxy or SOPS_GCP_KMS_ENDPOINT right?")
    if isinstance(err, api.ServiceUnavailable):
        return Unreachable("cannot be reached", "is the network, the proxy or SOPS_GCP_KMS_ENDPOINT right?")
    if isinstance(err, api.ServerError):
        return Unreachable("Google is in trouble", _AGAIN)
    return NotForMe(f"Google refused: {type(err).__name__} ({identity})")


def _status(err: Any) -> str:
    """The canonical name of an error: REST has one HTTP status for several of them."""
    code = err.grpc_status_code
    try:
        return str(err.response.json()["error"]["status"])
    except (AttributeError, ValueError, KeyError, TypeError):
        return code.name if code is not None else ""


def _silence(err: OSError) -> str:
    name = type(err).__name__
    if "Timeout" in name:
        return "no answer in time"
    return "the TLS certificate is not trusted" if "SSL" in name else "cannot be reached"
