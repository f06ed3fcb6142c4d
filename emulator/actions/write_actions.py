"""CreateSecret, PutSecretValue, UpdateSecret, with AWS's rules for tokens and labels.

AWS (RotationToken of PutSecretValue): "A unique identifier that indicates the source of the
request. For cross-account rotation ... Secrets Manager uses the rotation token to validate the IAM
role identity." ASSUMPTION sm-rotation-token: a token of no running rotation is refused with the
message below. The token may be missing, as when function and secret are in one account.
"""

from typing import Any

from ministack.services import secretsmanager as sm

from emulator.iam import key_permission
from emulator.rotation import schedules
from emulator.rotation.rotations import rotations
from emulator.secrets import labels, records
from emulator.secrets.errors import ApiError, Request, Response, invalid_parameter, invalid_request
from emulator.secrets.records import Secret, Value

_create_secret = sm._create_secret


def create_secret(data: Request) -> dict[str, Any] | Response:
    """Create a secret. AWS ignores a repeated token with the same value."""
    token = records.token_of(data)
    value = records.value_of(data)
    existing: Secret | None = sm._secrets.get(data.get("Name"))
    if existing is not None:
        if existing.get("DeletedDate"):
            raise invalid_request(
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            )
        version = existing["Versions"].get(token)
        if version is not None and records.value_of(version) == value:
            return {"ARN": existing["ARN"], "Name": existing["Name"], "VersionId": token}
    response: Response = _create_secret(data)
    if response[0] != 200:
        return response
    secret: Secret = sm._secrets[data["Name"]]
    # ministack adds a version without a value. On AWS, a secret without a value has no version.
    secret["Versions"] = {}
    records.mark_changed(secret)
    secret["CreatedDate"] = secret["LastChangedDate"]
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    if not value:
        return answer
    _store(secret, token, value, [labels.CURRENT])
    return {**answer, "VersionId": token}


def put_secret_value(data: Request) -> dict[str, Any]:
    secret = records.find_active(data.get("SecretId"))
    token = records.token_of(data)
    value = records.value_of(data)
    if not value:
        raise invalid_request("You must provide either SecretString or SecretBinary.")
    rotation, rotation_token = rotations.current(secret["ARN"]), data.get("RotationToken")
    if rotation_token is not None and (rotation is None or rotation.rotation_token != rotation_token):
        raise invalid_parameter("The RotationToken does not belong to a running rotation of this secret.")
    key_permission.require_write(secret, token)
    _store(secret, token, value, data.get("VersionStages") or [labels.CURRENT])
    return {
        "ARN": secret["ARN"],
        "Name": secret["Name"],
        "VersionId": token,
        "VersionStages": list(secret["Versions"][token]["Stages"]),
    }


def update_secret(data: Request) -> dict[str, Any]:
    """Change a secret. A new value gets AWSCURRENT, as with PutSecretValue."""
    secret = records.find_active(data.get("SecretId"))
    token = records.token_of(data)
    value = records.value_of(data)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    key_id = data.get("KmsKeyId", secret.get("KmsKeyId"))
    keys: dict[str, list[str | None]] = {}
    if key_id != secret.get("KmsKeyId"):
        keys = key_permission.keys_after_change(key_id, secret)
    elif value:
        key_permission.require_write(secret, token)
    if value:
        _store(secret, token, value, [labels.CURRENT])
        answer["VersionId"] = token
    for version_id, key_ids in keys.items():
        secret["Versions"][version_id]["_KmsKeyIds"] = key_ids
    for key in ("Description", "KmsKeyId"):
        if key in data:
            secret[key] = data[key]
    records.mark_changed(secret)
    return answer


def _store(secret: Secret, token: str, value: Value, stages: list[str]) -> None:
    """Store a version. A new current value of a person abandons a rotation.

    AWS (userguide, "RotationAbandoned event"): "When you manually create a new version of a
    secret, you send a message signalling the abandonment of the current ongoing rotation in favor
    of the new secret version. As a result, Secrets Manager removes the AWSPENDING label to allow
    future rotations to succeed". And RotationRulesType: "Manually updating the secret value by
    calling PutSecretValue or UpdateSecret is considered a valid rotation."

    ASSUMPTION sm-write-of-person: a write to the version that has
    AWSPENDING comes from the rotation function. Every other write comes from a person.
    """
    previous_current = labels.version_with(secret, labels.CURRENT)
    if not _add_version(secret, token, value, stages):
        return
    records.mark_changed(secret)
    current = labels.version_with(secret, labels.CURRENT)
    pending = labels.version_with(secret, labels.PENDING)
    if current in (previous_current, pending):
        return
    schedules.plan(secret)
    if pending is not None:
        sm._remove_stage(secret, pending, labels.PENDING)
        if pending != previous_current:
            rotations.abandon(secret, pending)


def _add_version(secret: Secret, token: str, value: Value, stages: list[str]) -> bool:
    """Add the version. Return False if the version already has this value.

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
