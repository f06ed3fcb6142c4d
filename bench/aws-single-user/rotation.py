"""The single-user algorithm of AWS's Python templates, for a Milvus user, on boto3 and pymilvus.

The benchmark compares this project with it, so it keeps the decisions of the templates: see
createHandler in rotation.ts. Like the templates, it creates an AWS client for each step and a
connection for each login, and reads each version whenever it needs it.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import json
import os
from collections.abc import Callable
from typing import Any

import boto3
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

_TIMEOUT_SECONDS = 5

_Secret = dict[str, str]
# boto3 has no types.
_Service = Any


def handler(event: dict[str, str], _context: object) -> None:
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    service = boto3.client("secretsmanager", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))
    described = service.describe_secret(SecretId=arn)
    if described.get("RotationEnabled") is False:
        raise ValueError(f"Secret {arn} is not enabled for rotation.")
    stages = described["VersionIdsToStages"]
    if token not in stages:
        raise ValueError(f"The version {token} has no stage for rotation.")
    if "AWSCURRENT" in stages[token]:
        return
    if "AWSPENDING" not in stages[token]:
        raise ValueError(f"The version {token} is not set as AWSPENDING for rotation.")
    _STEPS[step](service, arn, token)


def _create_secret(service: _Service, arn: str, token: str) -> None:
    current = _value(service, arn, "AWSCURRENT")
    try:
        _value(service, arn, "AWSPENDING", token)
    except service.exceptions.ResourceNotFoundException:
        password = service.get_random_password(PasswordLength=32, ExcludeCharacters="/@\"'\\")["RandomPassword"]
        pending = current | {"password": password, "token": f"{current['username']}:{password}"}
        service.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(pending), VersionStages=["AWSPENDING"]
        )


def _set_secret(service: _Service, arn: str, token: str) -> None:
    try:
        previous: _Secret | None = _value(service, arn, "AWSPREVIOUS")
    except service.exceptions.ResourceNotFoundException:
        previous = None
    current = _value(service, arn, "AWSCURRENT")
    pending = _value(service, arn, "AWSPENDING", token)
    connection = _connect(pending)
    if connection is not None:
        connection.close()
        return
    _require_same_target(current, pending)
    connection, in_force = _connect(current), current
    if connection is None and previous is not None:
        connection, in_force = _connect(previous), previous
        _require_same_target(current, previous)
    if connection is None:
        raise ValueError("Unable to log into the cluster with the previous, current, or pending secret.")
    try:
        connection.update_password(pending["username"], in_force["password"], pending["password"])
    finally:
        connection.close()


def _test_secret(service: _Service, arn: str, token: str) -> None:
    pending = _value(service, arn, "AWSPENDING", token)
    connection = _connect(pending)
    if connection is None:
        raise ValueError("Unable to log into the cluster with the pending secret.")
    try:
        # The templates run a query here. A user without roles may only describe itself.
        connection.describe_user(pending["username"])
    finally:
        connection.close()


def _finish_secret(service: _Service, arn: str, token: str) -> None:
    stages = service.describe_secret(SecretId=arn)["VersionIdsToStages"]
    current = next((version for version, labels in stages.items() if "AWSCURRENT" in labels), None)
    if current != token:
        service.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )


_STEPS: dict[str, Callable[[_Service, str, str], None]] = {
    "createSecret": _create_secret,
    "setSecret": _set_secret,
    "testSecret": _test_secret,
    "finishSecret": _finish_secret,
}


def _value(service: _Service, arn: str, stage: str, version: str | None = None) -> _Secret:
    version_id = {} if version is None else {"VersionId": version}
    answer = service.get_secret_value(SecretId=arn, VersionStage=stage, **version_id)
    value: _Secret = json.loads(answer["SecretString"])
    return value


def _connect(secret: _Secret) -> MilvusClient | None:
    """A new client, which logs in when it connects. None if the login fails for any reason."""
    token = f"{secret['username']}:{secret['password']}"
    try:
        return MilvusClient(uri=secret["endpoint"], token=token, timeout=_TIMEOUT_SECONDS)
    except MilvusException:
        return None


def _require_same_target(current: _Secret, other: _Secret) -> None:
    if (current["username"], current["endpoint"]) != (other["username"], other["endpoint"]):
        raise ValueError("Attempting to modify another user or host than the one of the current secret.")
