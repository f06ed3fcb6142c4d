"""RotateSecret and CancelRotateSecret."""

from typing import Any

from . import secret_value
from ..rotation import lambda_permission, rotation_rules, schedules
from ..secrets import labels, records
from ..secrets.errors import Request, invalid_request
from ..secrets.records import Secret
from ..rotation.rotations import rotations


def rotate_secret(data: Request) -> dict[str, Any]:
    """Configure rotation and start it; the answer comes before any step has run.

    The configuration is stored even when the start is refused because of an incomplete rotation: that rotation "will be
    reattempted", which it cannot be with rotation off. ASSUMPTION: so it is on AWS too, and the new attempt comes after
    the retry spacing. ASSUMPTION: a token that is under way or done already answers as the first time, and starts
    nothing ("ensures that Secrets Manager doesn't attempt to create a secret version twice").
    """
    secret = records.writable(data.get("SecretId"))
    token = secret_value.token_of(data)
    function_arn = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    if not function_arn:
        raise invalid_request("No Lambda rotation function ARN is associated with this secret.")
    rules = data.get("RotationRules")
    if rules is not None:
        rotation_rules.parse(rules)
    lambda_permission.require(function_arn, secret)
    _configure(secret, function_arn, rules)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}
    if token in secret["Versions"]:
        return answer
    if labels.rotation_incomplete(secret):
        rotations.reattempt(secret, at_once=False)
        raise invalid_request("A previous rotation isn't complete. That rotation will be reattempted.")
    rotations.start(secret, token, test_only=data.get("RotateImmediately") is False)
    return answer


def cancel_rotate_secret(data: Request) -> dict[str, Any]:
    """AWS: "Turns off automatic rotation, and if a rotation is currently in progress, cancels the rotation ... it can
    leave the VersionStage labels in an unexpected state. You might need to remove the staging label AWSPENDING"."""
    secret = records.writable(data.get("SecretId"))
    secret["RotationEnabled"] = False
    secret["_RotationConfigured"] = True
    schedules.forget(secret)
    rotations.cancel(secret)
    records.changed(secret)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    pending = labels.rotation_incomplete(secret)
    # AWS: the VersionId "of the version of the secret created during rotation".
    return {**answer, "VersionId": pending} if pending else answer


def _configure(secret: Secret, function_arn: str, rules: dict[str, Any] | None) -> None:
    was_on = bool(secret.get("RotationEnabled"))
    secret["RotationLambdaARN"] = function_arn
    secret["RotationEnabled"] = True
    secret["_RotationConfigured"] = True
    if rules is not None:
        secret["RotationRules"] = rules
    if rules is not None or not was_on:
        schedules.plan(secret)
    records.changed(secret)
