"""Encrypted files into object stores: S3 with boto3, Google Cloud Storage with google-cloud-storage.

The SDKs are imported when a rule names their store. Must not repeat the text of their exceptions, which may hold what
was sent. Source: sops 3.13.2.
"""

from __future__ import annotations

from ..destination_rule import S3
from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..destination_rule import Destination


def upload(to: Destination, name: str, data: bytes) -> None:
    """Put a file into the bucket. Raises SopsError."""
    (_to_s3 if to.kind == S3 else _to_gcs)(to, name, data)


def _to_s3(to: Destination, name: str, data: bytes) -> None:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise SopsError("publishing to S3 needs boto3", hint="pip install 'sopspy[aws]'") from None
    try:
        boto3.client("s3").put_object(Bucket=to.bucket, Key=to.path(name), Body=data)
    except ClientError as err:
        code = err.response.get("Error", {}).get("Code", "refused")
        raise _failure(to, code, "may these credentials write there? s3:PutObject") from None
    except BotoCoreError as err:
        raise _failure(to, type(err).__name__, "aws configure, and is AWS_REGION set?") from None


def _to_gcs(to: Destination, name: str, data: bytes) -> None:
    try:
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
        from google.cloud import storage  # type: ignore[attr-defined]
    except ImportError:
        raise SopsError("publishing to GCS needs google-cloud-storage", hint="pip install 'sopspy[gcp]'") from None
    try:
        storage.Client().bucket(to.bucket).blob(to.path(name)).upload_from_string(data, timeout=60)
    except GoogleAuthError as err:
        raise _failure(to, type(err).__name__, "gcloud auth application-default login") from None
    except (GoogleAPIError, OSError) as err:
        raise _failure(to, type(err).__name__, "may these credentials write there? storage.objects.create") from None


def _failure(to: Destination, reason: str, hint: str) -> SopsError:
    return SopsError(f"{to.kind}://{to.bucket} refuses the upload: {reason}", hint=hint)
