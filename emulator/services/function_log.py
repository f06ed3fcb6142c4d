"""The log of a function. With AUTH=true, Lambda writes only what the function's role allows.

AWS (Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs"): "your function's
execution role must have" logs:CreateLogGroup (unless the group exists), logs:CreateLogStream and
logs:PutLogEvents. Without these permissions, the function runs and leaves no log. On AWS, a worker
keeps its stream, so a role that loses logs:CreateLogStream affects only the next worker. Here,
every invocation has its own stream.
"""

from typing import Any

from ministack import app as ministack_app
from ministack.core.arn import parse_arn
from ministack.services import cloudwatch_logs, lambda_svc

from emulator.iam.role_permission import role_allows

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
    return all(role_allows(role, f"logs:{action}", resource, function.region) for action, resource in needed)
