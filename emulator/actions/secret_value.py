"""What CreateSecret, PutSecretValue and UpdateSecret accept as a value and as a token, and how a value is stored."""

from ministack.core.responses import new_uuid

from ..secrets import labels, records
from ..secrets.errors import ApiError, Request, invalid_parameter, invalid_request
from ..secrets.records import Secret, Version

_LARGEST = 65536
_TOKEN_LENGTHS = range(32, 65)


def token_of(data: Request) -> str:
    """The ClientRequestToken, which becomes the VersionId; a new UUID when there is none.

    AWS: length 32 to 64. ASSUMPTION: the message.
    """
    token = data.get("ClientRequestToken")
    if token is None:
        return new_uuid()
    if not isinstance(token, str) or len(token) not in _TOKEN_LENGTHS:
        raise invalid_parameter("ClientRequestToken must be 32-64 characters long.")
    return token


def value_in(data: Request) -> Version | None:
    """The value of a request, or None when it has none. AWS: SecretString or SecretBinary, not both, 65,536 bytes."""
    given = {key: data.get(key) for key in ("SecretString", "SecretBinary")}
    if all(value is None for value in given.values()):
        return None
    if all(value is not None for value in given.values()):
        raise invalid_parameter(
            "You can't specify both a binary secret value and a string secret value in the same secret."
        )
    if any(isinstance(value, str) and len(value.encode()) > _LARGEST for value in given.values()):
        raise invalid_parameter(f"The secret value must not be longer than {_LARGEST} bytes.")
    return given


def require_value(data: Request) -> Version:
    value = value_in(data)
    if value is None:
        raise invalid_request("You must provide either SecretString or SecretBinary.")
    return value


def store(secret: Secret, token: str, value: Version, stages: list[str]) -> bool:
    """Store the value as version `token` with these labels; False when it is there already, and nothing changes.

    AWS (PutSecretValue, ClientRequestToken): the same value again is ignored; another value fails, "because you can't
    modify a secret version". The empty version of a rotation is the exception: it is there to be filled.
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
        # AWS: "If this operation creates the first version for the secret, then Secrets Manager automatically attaches
        # the staging label AWSCURRENT to it."
        stages = [*stages, labels.CURRENT]
    labels.require_room(secret, stages)
    if existing is None:
        records.add_version(secret, token, value)
    else:
        existing.update(value)
    for label in stages:
        labels.attach(secret, token, label)
    return True
