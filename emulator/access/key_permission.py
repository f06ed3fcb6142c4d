"""Whether the caller may use a secret's KMS key. Checked only with AUTH=true, like all of IAM.

AWS (userguide, "Secret encryption and decryption"): Secrets Manager uses the key "on behalf of the
user who is accessing or updating the secret value", with the encryption context SecretARN and
SecretVersionId. Reading needs kms:Decrypt. Storing needs kms:GenerateDataKey and kms:Decrypt
(CreateSecret). AWS's own key aws/secretsmanager needs no permission. ASSUMPTION: kms:Decrypt of a
write has the context of the new version. ASSUMPTION: the secret's present key decides about
versions that were stored under an earlier key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ministack import app as ministack_app
from ministack.core.iam_evaluator import enforce
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from emulator.secrets.errors import ApiError
from emulator.secrets.records import Secret

_caller: ContextVar[str | None] = ContextVar("caller_of_secrets_manager", default=None)

_READ = ("Decrypt",)
_WRITE = ("GenerateDataKey", "Decrypt")
# AWS: Secrets Manager checks a new key with this SecretVersionId.
_VALIDATION = "RequestToValidateKeyAccess"


@contextmanager
def caller(access_key: str) -> Iterator[None]:
    """Set the caller of the request. Without a caller, as in CloudFormation, no key is refused."""
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
    """Raise AccessDeniedException unless the caller may give this key to the secret."""
    _require(_WRITE, key_id, secret, _VALIDATION)


def _require(actions: tuple[str, ...], key_id: str | None, secret: Secret, version_id: str) -> None:
    access_key = _caller.get()
    if access_key is None or not ministack_app.AUTH or not key_id or key_id.endswith("alias/aws/secretsmanager"):
        return
    region = get_region()
    context = {
        "kms:ViaService": f"secretsmanager.{region}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": secret["ARN"],
        "kms:EncryptionContext:SecretVersionId": version_id,
    }
    for action in actions:
        if enforce(access_key, f"kms:{action}", "kms", region, _arn_of(key_id), context) is not None:
            raise ApiError("AccessDeniedException", "Access to KMS is not allowed")


def _arn_of(key_id: str) -> str:
    """The key's ARN. `key_id` is an id, alias or ARN, also of a key that KMS does not have."""
    key = kms._resolve_key(key_id)
    if key:
        return str(key["Arn"])
    return key_id if key_id.startswith("arn:") else f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key_id}"
