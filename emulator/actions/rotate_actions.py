"""RotateSecret and CancelRotateSecret."""

from typing import Any

from emulator.iam import service_permission
from emulator.rotation import schedules
from emulator.rotation.rotations import rotations
from emulator.secrets import labels, records
from emulator.secrets.errors import Request, invalid_request
from emulator.secrets.records import Secret


def rotate_secret(data: Request) -> dict[str, Any]:
    """Configure rotation and start a rotation. The answer comes before the first step runs.

    ASSUMPTION aws-refused-start: AWS says that the incomplete rotation "will be reattempted",
    which needs rotation turned on. The new attempt starts after the retry spacing.
    ASSUMPTION sm-token-reuse: a token that is already in use gets the same answer again ("ensures
    that Secrets Manager doesn't attempt to create a secret version twice").
    """
    secret = records.find_active(data.get("SecretId"))
    token = records.token_of(data)
    function_arn = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    if not function_arn:
        raise invalid_request("No Lambda rotation function ARN is associated with this secret.")
    rules = data.get("RotationRules")
    if rules is not None:
        schedules.next_window(rules)  # Refuses a wrong expression before anything changes.
    service_permission.require_invocation(function_arn, secret)
    _configure(secret, function_arn, rules)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}
    if token in secret["Versions"]:
        return answer
    if labels.incomplete_rotation(secret):
        rotations.reattempt(secret, at_once=False)
        raise invalid_request("A previous rotation isn't complete. That rotation will be reattempted.")
    rotations.start(secret, token, test_only=data.get("RotateImmediately") is False)
    return answer


def cancel_rotate_secret(data: Request) -> dict[str, Any]:
    """Turn rotation off and cancel a rotation in progress.

    AWS: "it can leave the VersionStage labels in an unexpected state. You might need to remove the
    staging label AWSPENDING". The VersionId of the answer is that "of the version of the secret
    created during rotation".
    """
    secret = records.find_active(data.get("SecretId"))
    secret["RotationEnabled"] = False
    secret["_RotationConfigured"] = True
    schedules.clear(secret)
    rotations.cancel(secret["ARN"])
    records.mark_changed(secret)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    pending = labels.incomplete_rotation(secret)
    return {**answer, "VersionId": pending} if pending else answer


def _configure(secret: Secret, function_arn: str, rules: dict[str, Any] | None) -> None:
    replan = rules is not None or not secret.get("RotationEnabled")
    secret["RotationLambdaARN"] = function_arn
    secret["RotationEnabled"] = True
    secret["_RotationConfigured"] = True
    if rules is not None:
        secret["RotationRules"] = rules
    if replan:
        schedules.plan(secret)
    records.mark_changed(secret)
