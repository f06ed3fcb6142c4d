"""The log of a function. With AUTH=true, Lambda writes only what the function's role allows.

AWS (Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs"): "your function's
execution role must have" logs:CreateLogGroup (unless the group exists), logs:CreateLogStream and
logs:PutLogEvents. Without these permissions, the function runs and leaves no log. On AWS, a worker
keeps its stream, so a role that loses logs:CreateLogStream affects only the next worker. Here,
every invocation has its own stream.

A line that a Node function wrote before its answer is in the log before the caller has the answer.
ministack reads until no line arrives for 5 ms, which on a busy machine is the middle of a log.
Here, the worker marks the end.
"""

import queue
import time
from typing import Any

from ministack import app as ministack_app
from ministack.core import lambda_runtime
from ministack.core.arn import parse_arn
from ministack.services import cloudwatch_logs, lambda_svc

from emulator.iam.role_permission import role_allows

_emit_lambda_logs = lambda_svc._emit_lambda_logs
_read_lines = lambda_runtime.Worker._drain_stderr_bounded

_END = "END of the log of this invocation"
_END_SECONDS = 10
_WRITE = "const _realStdoutWrite = process.stdout.write.bind(process.stdout);"
_MARK_AND_WRITE = f"""const _writeAnswer = process.stdout.write.bind(process.stdout);
const _realStdoutWrite = (line) => {{
  if (JSON.parse(line).status !== "ready") _stderrWrite({_END!r} + "\\n");
  return _writeAnswer(line);
}};"""


def install() -> None:
    lambda_svc._emit_lambda_logs = _emit_if_allowed
    script: str = lambda_runtime._NODEJS_WORKER_SCRIPT
    if script.count(_WRITE) != 1:
        raise RuntimeError("ministack's worker for Node writes its answers in another way.")
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(_WRITE, _MARK_AND_WRITE)
    lambda_runtime.Worker._drain_stderr_bounded = _read_log


def _read_log(worker: lambda_runtime.Worker, **options: float) -> str:
    """The lines until the mark, or until the end of a process that ended without an answer."""
    if not worker.config.get("Runtime", "").startswith("nodejs"):
        return str(_read_lines(worker, **options))
    lines: list[str] = []
    limit = time.monotonic() + _END_SECONDS
    while time.monotonic() < limit:
        reads = worker._stderr_thread is not None and worker._stderr_thread.is_alive()
        try:
            line = worker._stderr_queue.get(timeout=0.05)
        except queue.Empty:
            if reads:
                continue
            break
        if line == _END:
            break
        lines.append(line)
    return "\n".join(lines)


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
