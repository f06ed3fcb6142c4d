"""Whether the caller may use a secret's KMS key.

AWS (userguide, "Secret encryption and decryption"): Secrets Manager uses the key "on behalf of the
user who is accessing or updating the secret value", with the encryption context SecretARN and
SecretVersionId. Reading needs kms:Decrypt. Storing needs kms:GenerateDataKey and kms:Decrypt
(CreateSecret). AWS's own key aws/secretsmanager needs no permission. When a value is stored, the
encryption context of kms:Decrypt names the new version: ASSUMPTION aws-write-decrypts.
"""

from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from emulator.iam import caller
from emulator.secrets import labels, records
from emulator.secrets.errors import ApiError
from emulator.secrets.records import Secret

_READ = ("Decrypt",)
_WRITE = ("GenerateDataKey", "Decrypt")


def require_read(secret: Secret, version_id: str) -> None:
    _require(_may_read(secret, version_id))


def require_write(secret: Secret, version_id: str) -> None:
    _require(_may_use(_WRITE, secret.get("KmsKeyId"), secret, version_id))


def keys_after_change(key_id: str | None, secret: Secret) -> dict[str, list[str | None]]:
    """The keys of each version after the secret gets another key.

    AWS (userguide, "Change the encryption key"): the versions with AWSCURRENT, AWSPENDING and
    AWSPREVIOUS are re-encrypted, and both keys can decrypt them. A version is not re-encrypted if
    the caller may not decrypt it. All other versions keep their key.
    """
    return {
        version_id: [*records.keys_of(secret, version_id), *([key_id] if _is_reencrypted(secret, version_id) else [])]
        for version_id in secret["Versions"]
    }


def _is_reencrypted(secret: Secret, version_id: str) -> bool:
    stages = secret["Versions"][version_id]["Stages"]
    return not {labels.CURRENT, labels.PENDING, labels.PREVIOUS}.isdisjoint(stages) and _may_read(secret, version_id)


def _require(allowed: bool) -> None:
    if not allowed:
        raise ApiError("AccessDeniedException", "Access to KMS is not allowed")


def _may_read(secret: Secret, version_id: str) -> bool:
    return any(_may_use(_READ, key_id, secret, version_id) for key_id in records.keys_of(secret, version_id))


def _may_use(actions: tuple[str, ...], key_id: str | None, secret: Secret, version_id: str) -> bool:
    if not key_id or key_id.endswith("alias/aws/secretsmanager"):
        return True
    context = {
        "kms:ViaService": f"secretsmanager.{get_region()}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": secret["ARN"],
        "kms:EncryptionContext:SecretVersionId": version_id,
    }
    return all(caller.may(f"kms:{action}", _arn_of(key_id), context) for action in actions)


def _arn_of(key_id: str) -> str:
    """The key's ARN. `key_id` is an id, alias or ARN, also of a key that KMS does not have."""
    key = kms._resolve_key(key_id)
    if key:
        return str(key["Arn"])
    return key_id if key_id.startswith("arn:") else f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key_id}"
