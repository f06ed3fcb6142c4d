"""Secrets and versions, in the records of ministack.

A key that starts with an underscore is the emulator's own.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, TypedDict

from ministack.core.arn import Arn, parse_arn
from ministack.core.responses import new_uuid, request_scope
from ministack.services import secretsmanager as sm

from emulator.clock import clock

from .errors import Request, invalid_request, not_found

Value = dict[str, str]
"""SecretString, or SecretBinary in Base64. Empty: no value."""


class Version(TypedDict, total=False):
    SecretString: str | None
    SecretBinary: str | None
    CreatedDate: float
    Stages: list[str]
    _KmsKeyIds: list[str | None]
    """The keys of a version that is older than the secret's key. Each of them can decrypt it."""


class _Identity(TypedDict):
    ARN: str
    Name: str
    Versions: dict[str, Version]


class Secret(_Identity, total=False):
    Description: str
    KmsKeyId: str | None
    CreatedDate: float
    LastChangedDate: float
    LastAccessedDate: int
    LastRotatedDate: float
    NextRotationDate: float
    DeletedDate: float | None
    RotationEnabled: bool
    RotationLambdaARN: str
    RotationRules: dict[str, Any]
    _RotationConfigured: bool
    """Whether rotation was ever turned on or off. Before that, AWS omits RotationEnabled."""
    _WindowStart: float
    """When the next rotation window opens."""


def find(secret_id: str | None) -> Secret:
    """The secret with this name or ARN, in the account and region of the request."""
    secret: Secret | None = sm._resolve(secret_id)[1]
    if secret is None:
        raise not_found("Secrets Manager can't find the specified secret.")
    return secret


def find_active(secret_id: str | None) -> Secret:
    """Like find, but refuse a secret that is marked for deletion."""
    secret = find(secret_id)
    if secret.get("DeletedDate"):
        raise invalid_request("You can't perform this operation on the secret because it was marked for deletion.")
    return secret


def by_arn(arn: str) -> Secret | None:
    """The secret with this ARN in any account and region, or None if there is no such secret."""
    secrets: list[Secret] = sm._secrets.all_values()
    return next((secret for secret in secrets if secret["ARN"] == arn), None)


def owner(secret: Secret) -> Arn:
    """The secret's account and region."""
    return parse_arn(secret["ARN"])


def scope(secret: Secret) -> AbstractContextManager[None]:
    """Let ministack work in the secret's account and region."""
    context: AbstractContextManager[None] = request_scope(owner(secret).account_id, owner(secret).region)
    return context


def token_of(data: Request) -> str:
    """The ClientRequestToken, which becomes the VersionId. Default: a new UUID."""
    return str(data.get("ClientRequestToken") or new_uuid())


def value_of(source: Mapping[str, object]) -> Value:
    """The value of a version or of a request. RotateSecret adds a version without a value."""
    members = ("SecretString", "SecretBinary")
    return {name: text for name in members if isinstance(text := source.get(name), str)}


def keys_of(secret: Secret, version_id: str) -> list[str | None]:
    """The keys that can decrypt the version. None: AWS's own key aws/secretsmanager."""
    return secret["Versions"][version_id].get("_KmsKeyIds", [secret.get("KmsKeyId")])


def add_version(secret: Secret, version_id: str, value: Value) -> None:
    """Add a version without labels. Each CreatedDate is later than all others of the secret."""
    newest = max((version["CreatedDate"] for version in secret["Versions"].values()), default=0.0)
    created = max(clock.now(), round(newest + 0.001, 3))
    secret["Versions"][version_id] = Version(CreatedDate=created, Stages=[])
    set_value(secret["Versions"][version_id], value)


def set_value(version: Version, value: Value) -> None:
    version["SecretString"], version["SecretBinary"] = value.get("SecretString"), value.get("SecretBinary")


def mark_changed(secret: Secret) -> None:
    """Set LastChangedDate. Call this after every change of a secret."""
    secret["LastChangedDate"] = clock.now()
