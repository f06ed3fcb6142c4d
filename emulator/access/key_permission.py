"""Whether the caller may use the KMS key of a secret. Enforced with AUTH=true only, as all of IAM.

AWS (userguide, "Secret encryption and decryption"): Secrets Manager uses the key "on behalf of the user who is accessing
or updating the secret value", with the encryption context SecretARN and SecretVersionId; reading asks for kms:Decrypt,
storing for kms:GenerateDataKey and kms:Decrypt (CreateSecret). AWS's own key aws/secretsmanager asks for nothing.
ASSUMPTION: kms:Decrypt of a write is asked with the context of the new version; the secret's present key decides about
versions that were stored under an earlier one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ministack import app as ministack_app
from ministack.core.iam_evaluator import enforce
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from ..secrets.errors import ApiError
from ..secrets.records import Secret

_caller: ContextVar[str | None] = ContextVar("caller_of_secrets_manager", default=None)

_READ = ("Decrypt",)
_WRITE = ("GenerateDataKey", "Decrypt")
# AWS: the SecretVersionId with which Secrets Manager tries a key that a secret is to be given.
_VALIDATION = "RequestToValidateKeyAccess"


@contextmanager
def asked_by(access_key: str) -> Iterator[None]:
    """Name the caller of the request. Without one, as in CloudFormation and in the emulator's own work, all is allowed."""
    token = _caller.set(access_key)
    try:
        yield
    finally:
        _caller.reset(token)


def require_read(secret: Secret, version_id: str) -> None:
    _require(_READ, secret.get("KmsKeyId"), secret, version_id)


def require_write(secret: Secret, version_id: str) -> None:
    _require(_WRITE, secret.get("KmsKeyId"), secret, version_id)


def require_use(key_id: str | None, secret: Secret) -> None:
    """Raise unless the caller may give this key to the secret."""
    _require(_WRITE, key_id, secret, _VALIDATION)


def _require(actions: tuple[str, ...], key_id: str | None, secret: Secret, version_id: str) -> None:
    caller = _caller.get()
    if caller is None or not ministack_app.AUTH or _is_aws_managed(key_id):
        return
    region = get_region()
    context = {
        "kms:ViaService": f"secretsmanager.{region}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": secret["ARN"],
        "kms:EncryptionContext:SecretVersionId": version_id,
    }
    for action in actions:
        if enforce(caller, f"kms:{action}", "kms", region, _arn_of(str(key_id)), context) is not None:
            raise ApiError("AccessDeniedException", "Access to KMS is not allowed")


def _is_aws_managed(key_id: str | None) -> bool:
    return not key_id or key_id.endswith("alias/aws/secretsmanager")


def _arn_of(key_id: str) -> str:
    """IAM decides about the key, by whatever name the secret knows it. A key that KMS does not have has no policy."""
    found = kms._resolve_key(key_id)
    if found:
        return str(found["Arn"])
    return key_id if key_id.startswith("arn:") else f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key_id}"
