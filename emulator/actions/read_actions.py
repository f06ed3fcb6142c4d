"""GetSecretValue, DescribeSecret, ListSecrets and ListSecretVersionIds."""

import json
from typing import Any

from ministack.services import secretsmanager as sm

from emulator.clock import clock
from emulator.iam import key_permission
from emulator.secrets import labels, records
from emulator.secrets.errors import Request, Response, invalid_request, not_found
from emulator.secrets.records import Secret, Version

_describe_secret = sm._describe_secret
_list_secrets = sm._list_secrets


def get_secret_value(data: Request) -> dict[str, Any]:
    """Read a version by id or label. AWS does not find a version without a value."""
    secret = records.find_active(data.get("SecretId"))
    label = data.get("VersionStage")
    version_id = data.get("VersionId")
    missing = f"VersionId: {version_id}"
    if version_id is None:
        label = label or labels.CURRENT
        version_id = labels.version_with(secret, label)
        missing = f"staging label: {label}"
    version = secret["Versions"].get(str(version_id))
    if version is None or not records.value_of(version):
        raise not_found(f"Secrets Manager can't find the specified secret value for {missing}")
    if label and label not in version["Stages"]:
        raise invalid_request("You provided a VersionStage that is not associated to the provided VersionId.")
    key_permission.require_read(secret, str(version_id))
    secret["LastAccessedDate"] = int(clock.now())
    return {
        "ARN": secret["ARN"],
        "Name": secret["Name"],
        "VersionId": version_id,
        "VersionStages": list(version["Stages"]),
        "CreatedDate": version["CreatedDate"],
        **records.value_of(version),
    }


def list_secret_version_ids(data: Request) -> dict[str, Any]:
    """List the versions that have a value on one page, by default only those with labels."""
    secret = records.find(data.get("SecretId"))
    listed = [
        _version_entry(version_id, version)
        for version_id, version in secret["Versions"].items()
        if records.value_of(version) and (version["Stages"] or data.get("IncludeDeprecated"))
    ]
    return {"ARN": secret["ARN"], "Name": secret["Name"], "Versions": listed}


def _version_entry(version_id: str, version: Version) -> dict[str, Any]:
    entry = {"VersionId": version_id, "CreatedDate": version["CreatedDate"]}
    return {**entry, "VersionStages": list(version["Stages"])} if version["Stages"] else entry


def describe_secret(data: Request) -> Response:
    """ministack's answer, plus the rotation dates, without the members that AWS omits."""
    status, headers, body = _describe_secret(data)
    if status == 200:
        body = json.dumps(_as_aws(json.loads(body), records.find(data.get("SecretId")))).encode()
    return status, headers, body


def list_secrets(data: Request) -> Response:
    status, headers, body = _list_secrets(data)
    answer = json.loads(body)
    answer["SecretList"] = [_as_aws(entry, records.find(entry["ARN"])) for entry in answer["SecretList"]]
    return status, headers, json.dumps(answer).encode()


def _as_aws(entry: dict[str, Any], secret: Secret) -> dict[str, Any]:
    entry["RotationLambdaARN"] = secret.get("RotationLambdaARN")
    entry["RotationRules"] = secret.get("RotationRules") or None
    if secret.get("RotationEnabled"):
        # AWS: "If the secret isn't configured for rotation or rotation has been disabled, Secrets
        # Manager returns null."
        entry["LastRotatedDate"] = secret.get("LastRotatedDate")
        entry["NextRotationDate"] = secret.get("NextRotationDate")
    if not secret.get("_RotationConfigured"):
        entry.pop("RotationEnabled", None)
    return {key: value for key, value in entry.items() if value not in (None, "", [])}
