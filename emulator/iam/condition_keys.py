"""Condition keys and resource ARNs that ministack does not give to IAM as AWS does.

AWS (service authorization reference): KMS compares kms:EncryptionContext:KEY with the request's
encryption context. RotateSecret has secretsmanager:RotationLambdaARN ("the ARN of the rotation
Lambda function in the request") and secretsmanager:ModifyRotationRules ("whether the rotation
rules of the secret are to be modified"). ASSUMPTION aws-condition-keys.
logs:CreateLogStream and logs:PutLogEvents are allowed on the log stream,
LOG_GROUP_ARN:log-stream:NAME. PutEvents has events:source and events:detail-type of its entries.
ecs:UpdateService and ecs:DescribeServices are allowed on the ARN of the service.
AssumeRole has iam:ResourceTag/KEY of the role (IAM user guide, "IAM and AWS STS condition keys"),
here only of a role in the account of the caller.

aws:PrincipalArn of a role's session is the ARN of the role with its path. For ministack, it is the
ARN of the session. For aws:PrincipalOrgID of a member account and s3:ResourceAccount of a bucket,
ministack knows only the account that asks.
"""

import json
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam, organizations, s3, tagging

_request_tag_context = iam_actions.request_tag_context
_extract_resource_arn = iam_actions.extract_resource_arn
_resolve_condition_key = iam_evaluator._resolve_condition_key

_ON_STREAMS = ("CreateLogStream", "PutLogEvents")


def _condition_keys(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
    keys: dict[str, Any] = _request_tag_context(service, iam_action, body, params)
    members = _members(body)
    if service == "kms" and isinstance(context := members.get("EncryptionContext"), dict):
        keys |= {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    if iam_action == "secretsmanager:RotateSecret":
        if "RotationLambdaARN" in members:
            keys["secretsmanager:RotationLambdaARN"] = members["RotationLambdaARN"]
        if "RotationRules" in members:
            keys["secretsmanager:ModifyRotationRules"] = "true"
    if iam_action == "sts:AssumeRole":
        tags = tagging.resource_tags(params.get("RoleArn", [""])[0]) or {}
        keys |= {f"iam:ResourceTag/{name}": value for name, value in tags.items()}
    if iam_action == "events:PutEvents":
        entries = [entry for entry in members.get("Entries") or [] if isinstance(entry, dict)]
        for key, member in (("events:source", "Source"), ("events:detail-type", "DetailType")):
            values = [str(entry[member]) for entry in entries if member in entry]
            keys[key] = values[0] if len(values) == 1 else values
    return keys


def _resource_arn(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: object) -> str:
    arn: str = _extract_resource_arn(service, method, path, headers, body, *rest)
    if service == "logs" and headers.get("x-amz-target", "").rsplit(".", 1)[-1] in _ON_STREAMS:
        return f"{arn}:log-stream:{_members(body).get('logStreamName', '')}"
    if service == "ecs":
        members = _members(body)
        named = [members.get("service"), *(members.get("services") or [])]
        return next((name for name in named if isinstance(name, str) and ":service/" in name), arn)
    return arn


def _members(body: bytes) -> dict[str, Any]:
    """The members of a JSON object. Empty if the body is something else."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def organisation_id(account_id: str) -> str | None:
    """The organisation whose management account created this account, or is this account."""
    for account in organizations._accounts.to_dict().values():
        if account["Id"] == account_id:
            # arn:aws:organizations::MANAGEMENT:account/ORGANISATION/ACCOUNT
            return str(account["Arn"]).split("/")[1]
    return None


def _resolve(key: str, request: iam_evaluator.EvalContext) -> object:
    if key.lower() == "aws:principalarn" and ":assumed-role/" in request.principal_arn:
        name = request.principal_arn.split("/")[1]
        role = iam._roles.get_scoped(request.principal_account, None, name)
        return role["Arn"] if role else f"arn:aws:iam::{request.principal_account}:role/{name}"
    if key.lower() == "s3:resourceaccount":
        bucket = request.resource_arn.removeprefix("arn:aws:s3:::").split("/")[0]
        return s3._bucket_owner_account(bucket)
    return _resolve_condition_key(key, request)


def install() -> None:
    iam_actions.request_tag_context = _condition_keys
    iam_actions.extract_resource_arn = _resource_arn
    iam_evaluator._principal_org_id = organisation_id
    iam_evaluator._resolve_condition_key = _resolve
