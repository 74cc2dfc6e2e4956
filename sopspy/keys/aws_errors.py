"""What AWS and botocore say, in words that name the identity used and the next thing to do.

Must not repeat texts that could hold a secret: of a refusal by AWS its code and our own words are shown, never the text
of an unknown exception. Source: AWS KMS and STS API references (codes), botocore's exceptions.
"""

from __future__ import annotations

from .base import NotForMe, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..metadata import MasterKey
    from .aws_clients import Used

_DENIED = frozenset(("AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"))
_EXPIRED = frozenset(("ExpiredTokenException", "ExpiredToken", "RequestExpired"))
_UNKNOWN = frozenset(
    (
        "InvalidIdentityToken",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    )
)
_THROTTLED = frozenset(
    ("ThrottlingException", "Throttling", "LimitExceededException", "RequestLimitExceeded", "TooManyRequestsException")
)


def explain(err: Exception, key: MasterKey, used: Used) -> NotForMe | None:
    """The failure of a call in our words; None for what no call of AWS should raise."""
    from botocore import exceptions

    if isinstance(err, exceptions.ClientError):
        return _refused(err, key, used)
    if isinstance(err, exceptions.ProfileNotFound):
        return NotForMe(f'there is no profile "{used.profile}" here', f"aws configure --profile {used.profile}")
    if isinstance(err, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        return NotForMe("no AWS credentials found", _login(used))
    if _is_login(err):
        return NotForMe(f"the login of AWS is missing or over ({used})", _login(used))
    if isinstance(err, exceptions.CredentialRetrievalError):
        return NotForMe(f"the AWS credentials cannot be had ({used})", _login(used))
    if isinstance(err, (exceptions.HTTPClientError, exceptions.ConnectionError)):
        return Unreachable(_silence(err), "is the network, the proxy or AWS_ENDPOINT_URL right?")
    if isinstance(err, exceptions.BotoCoreError):
        return NotForMe(f"AWS cannot be asked: {type(err).__name__} ({used})")
    return None


def _refused(err: Exception, key: MasterKey, used: Used) -> NotForMe:
    answer = err.response  # type: ignore[attr-defined]
    code = str(answer.get("Error", {}).get("Code", ""))
    arn = key.fields["arn"]
    region = arn.split(":")[3]
    if err.operation_name == "AssumeRole":  # type: ignore[attr-defined]
        return _role_refused(code, used)
    if code in _DENIED:
        return NotForMe(f"access denied ({used})", f"ask for kms:Encrypt and kms:Decrypt on {arn}")
    if code == "DisabledException":
        return NotForMe("the key is disabled", f"aws kms enable-key --region {region} --key-id {arn}")
    if code in ("KMSInvalidStateException", "KMSInvalidState"):
        return NotForMe(
            "the key is about to be deleted, or not usable now",
            f"aws kms cancel-key-deletion --region {region} --key-id {arn}",
        )
    if code == "NotFoundException":
        return NotForMe(f"not found in {region} ({used})", "are account, region and id of the ARN right?")
    if code == "InvalidCiphertextException":
        return _wrong_context(key)
    if code == "IncorrectKeyException":
        return NotForMe("the data key was wrapped by another key than this ARN")
    return _common(code, answer, used)


def _role_refused(code: str, used: Used) -> NotForMe:
    if code in _DENIED:
        return NotForMe(f"the role may not be assumed ({used})", f"ask for sts:AssumeRole on {used.role}")
    return _common(code, {}, used)


def _common(code: str, answer: dict[str, dict[str, int]], used: Used) -> NotForMe:
    if code in _EXPIRED:
        return NotForMe(f"the AWS credentials have expired ({used})", _login(used))
    if code in _UNKNOWN:
        return NotForMe(f"AWS does not know these credentials ({used})", _login(used))
    if code in _THROTTLED:
        tries = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1
        return NotForMe(f"AWS is throttling: refused {tries} times", "wait a moment and run the command again")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500:
        return Unreachable(f"AWS is in trouble: {code or status}", "wait a moment and run the command again")
    return NotForMe(f"AWS refused: {code or 'for no known reason'} ({used})")


def _wrong_context(key: MasterKey) -> NotForMe:
    from .aws_kms import WrongContext

    names = ", ".join(key.context) or "none"
    return WrongContext(f"does not open: enc was changed, or wrapped in another encryption context (here: {names})")


def _silence(err: Exception) -> str:
    name = type(err).__name__
    if "ReadTimeout" in name:
        return "no answer in time"
    if "SSL" in name:
        return "the TLS certificate is not trusted"
    return "cannot be reached"


def _is_login(err: Exception) -> bool:
    return any(word in type(err).__name__ for word in ("SSO", "Token", "Login"))


def _login(used: Used) -> str:
    if used.source == "the environment":
        return "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for a session, AWS_SESSION_TOKEN anew"
    if used.source == "the web identity token":
        return "is the token of the service account in AWS_WEB_IDENTITY_TOKEN_FILE one that AWS_ROLE_ARN trusts?"
    profile = f" --profile {used.profile}" if used.profile else ""
    return f"sign in, for example: aws sso login{profile}"
