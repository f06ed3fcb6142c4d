"""The token of CreateSecret, PutSecretValue and UpdateSecret, and the version that each stores."""

from ministack.core.responses import new_uuid

from . import labels, records
from .errors import ApiError, Request
from .records import Secret, Value


def token_of(data: Request) -> str:
    """The ClientRequestToken, which becomes the VersionId. Default: a new UUID."""
    return str(data.get("ClientRequestToken") or new_uuid())


def store(secret: Secret, token: str, value: Value, stages: list[str]) -> bool:
    """Store the value as version `token` with these labels.

    Return False if the version already has this value.

    AWS (PutSecretValue, ClientRequestToken): the same value again is ignored. Another value fails,
    "because you can't modify a secret version". The empty version that RotateSecret adds can still
    get its value.
    """
    existing = secret["Versions"].get(token)
    if existing is not None and records.value_of(existing):
        if records.value_of(existing) == value:
            return False
        raise ApiError(
            "ResourceExistsException",
            f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret "
            f"{secret['ARN']}.",
        )
    if not secret["Versions"] and labels.CURRENT not in stages:
        # AWS: "If this operation creates the first version for the secret, then Secrets Manager
        # automatically attaches the staging label AWSCURRENT to it."
        stages = [*stages, labels.CURRENT]
    labels.require_quota(secret, stages)
    if existing is None:
        records.add_version(secret, token, value)
    else:
        records.set_value(existing, value)
        existing.pop("_KmsKeyIds", None)
    for label in stages:
        labels.attach(secret, token, label)
    return True
