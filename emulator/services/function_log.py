"""The log of a function: with AUTH=true it is written only as far as the function's role allows.

AWS (Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs"): "your function's execution role must have"
logs:CreateLogGroup (unless the group is there), logs:CreateLogStream and logs:PutLogEvents. A function without them runs
all the same, and leaves no log. On AWS a worker keeps its stream, so that a role which loses logs:CreateLogStream is
seen at the next worker; here every invocation has a stream of its own.
"""

from typing import Any

from ministack import app as ministack_app
from ministack.core.arn import parse_arn
from ministack.services import cloudwatch_logs, lambda_svc

from ..access import role_permission
from .source_function import CONDITION_KEY

_emit_lambda_logs = lambda_svc._emit_lambda_logs


def _emit(func: dict[str, Any], *args: Any, **options: Any) -> None:
    if not ministack_app.AUTH or _may_write(func.get("config") or func):
        _emit_lambda_logs(func, *args, **options)


def _may_write(config: dict[str, Any]) -> bool:
    function = parse_arn(config["FunctionArn"])
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    group_arn = f"arn:aws:logs:{function.region}:{function.account_id}:log-group:{group}"
    # The name of the stream, which ministack chooses later, does not matter: nobody's policy can know it.
    stream_arn = f"{group_arn}:log-stream:new"
    needed = [("CreateLogStream", stream_arn), ("PutLogEvents", stream_arn)]
    if group not in cloudwatch_logs._log_groups:
        needed.append(("CreateLogGroup", f"{group_arn}:log-stream:"))
    context = {CONDITION_KEY: config["FunctionArn"]}
    return all(
        role_permission.allows(config.get("Role", ""), f"logs:{action}", resource, function.region, context)
        for action, resource in needed
    )


def install() -> None:
    lambda_svc._emit_lambda_logs = _emit
