"""The log of a function. With AUTH=true, Lambda writes only what the function's role allows.

AWS (Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs"): "your function's
execution role must have" logs:CreateLogGroup (unless the group exists), logs:CreateLogStream and
logs:PutLogEvents. Without these permissions, the function runs and leaves no log. On AWS, a worker
keeps its stream, so a role that loses logs:CreateLogStream affects only the next worker. Here,
every invocation has its own stream.
"""

from typing import Any

from ministack import app as ministack_app
from ministack.core import iam_evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import cloudwatch_logs, iam, lambda_svc

_emit_lambda_logs = lambda_svc._emit_lambda_logs


def install() -> None:
    lambda_svc._emit_lambda_logs = _emit_if_allowed


def _emit_if_allowed(function: dict[str, Any], *rest: object, **options: object) -> None:
    if not ministack_app.AUTH or _may_write(function.get("config") or function):
        _emit_lambda_logs(function, *rest, **options)


def _may_write(config: dict[str, Any]) -> bool:
    function = parse_arn(config["FunctionArn"])
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    group_arn = f"arn:aws:logs:{function.region}:{function.account_id}:log-group:{group}"
    # ministack chooses the name of the stream later. No policy can contain the name.
    stream_arn = f"{group_arn}:log-stream:new"
    needed = [("CreateLogStream", stream_arn), ("PutLogEvents", stream_arn)]
    if group not in cloudwatch_logs._log_groups:
        needed.append(("CreateLogGroup", f"{group_arn}:log-stream:"))
    role = config.get("Role", "")
    return all(_role_allows(role, f"logs:{action}", resource, function.region) for action, resource in needed)


def _role_allows(role_arn: str, action: str, resource_arn: str, region: str) -> bool:
    """Whether the role's policies and permissions boundary allow the action on the resource."""
    try:
        role = parse_arn(role_arn)
    except ArnParseError:
        return False
    account, name = role.account_id, role.resource.rsplit("/", 1)[-1]
    request = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=region,
        source_ip="",
        secure_transport=True,
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    allowed: bool = iam_evaluator.evaluate(request, policies, *limits).decision == "Allow"
    return allowed
