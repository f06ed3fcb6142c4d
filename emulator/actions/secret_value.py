"""Checks and stores the tokens and values of CreateSecret, PutSecretValue and UpdateSecret."""

from ministack.core.responses import new_uuid

from emulator.secrets import labels, records
from emulator.secrets.errors import ApiError, Request, invalid_parameter, invalid_request
from emulator.secrets.records import Secret, Value

_MAX_BYTES = 65536
_TOKEN_LENGTHS = range(32, 65)


def token_of(data: Request) -> str:
    """The ClientRequestToken, which becomes the VersionId. Default: a new UUID.

    AWS: the length is 32 to 64. ASSUMPTION: the message.
    """
    token = data.get("ClientRequestToken")
    if token is None:
        return str(new_uuid())
    if not isinstance(token, str) or len(token) not in _TOKEN_LENGTHS:
        raise invalid_parameter("ClientRequestToken must be 32-64 characters long.")
    return token


def value_of(data: Request) -> Value | None:
    """The value, if any. AWS: SecretString or SecretBinary, not both, and at most 65,536 bytes."""
    value = Value(SecretString=data.get("SecretString"), SecretBinary=data.get("SecretBinary"))
    texts = [text for text in value.values() if text is not None]
    if not texts:
        return None
    if len(texts) > 1:
        raise invalid_parameter(
            "You can't specify both a binary secret value and a string secret value in the same secret."
        )
    if any(isinstance(text, str) and len(text.encode()) > _MAX_BYTES for text in texts):
        raise invalid_parameter(f"The secret value must not be longer than {_MAX_BYTES} bytes.")
    return value


def require_value(data: Request) -> Value:
    value = value_of(data)
    if value is None:
        raise invalid_request("You must provide either SecretString or SecretBinary.")
    return value


def store(secret: Secret, token: str, value: Value, stages: list[str]) -> bool:
    """Store the value as version `token` with these labels.

    Return False if the version already has this value.

    AWS (PutSecretValue, ClientRequestToken): the same value again is ignored. Another value fails,
    "because you can't modify a secret version". The empty version that RotateSecret adds can still
    get its value.
    """
    existing = secret["Versions"].get(token)
    if existing is not None and not records.is_empty(existing):
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
        existing["SecretString"], existing["SecretBinary"] = value["SecretString"], value["SecretBinary"]
        existing.pop("_KmsKeyIds", None)
    for label in stages:
        labels.attach(secret, token, label)
    return True
