"""The log and the requests of a function. ministack's workers differ from AWS in both.

With AUTH=true, Lambda writes only what the function's role allows.

AWS (Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs"): "your function's
execution role must have" logs:CreateLogGroup (unless the group exists), logs:CreateLogStream and
logs:PutLogEvents. Without these permissions, the function runs and leaves no log. On AWS, a worker
keeps its stream, so a role that loses logs:CreateLogStream affects only the next worker. Here,
every invocation has its own stream.

A line that a Node function wrote before its answer is in the log before the caller has the answer.
ministack reads until no line arrives for 5 ms, which on a busy machine is the middle of a log.
Here, the worker marks the end.

ministack makes every HTTPS request of a function to localhost a request in plain text, for the
responses of custom resources. These responses go to ministack's own port. If the code drops the
port, they go to 443. A request to another port, such as that of a cluster with REST, keeps TLS
here, as it does in ministack's workers in containers.
"""

import queue
import time
from typing import Any

from ministack import app as ministack_app
from ministack.core import lambda_runtime
from ministack.core.arn import parse_arn
from ministack.services import cloudwatch_logs, lambda_svc

from emulator.iam import policies

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

_IS_LOCAL = 'if (host === "127.0.0.1" || host === "localhost" || host === msHost'
_IS_TO_GATEWAY = 'if (!options.port || ["443", String(msPort)].includes(String(options.port)))'


def install() -> None:
    lambda_svc._emit_lambda_logs = _emit_if_allowed
    lambda_runtime.Worker._drain_stderr_bounded = _read_log
    script: str = lambda_runtime._NODEJS_WORKER_SCRIPT
    for text, replacement in ((_WRITE, _MARK_AND_WRITE), (_IS_LOCAL, f"{_IS_TO_GATEWAY} {_IS_LOCAL}")):
        if script.count(text) != 1:
            raise RuntimeError(f"ministack's worker for Node has changed: {text}")
        script = script.replace(text, replacement)
    lambda_runtime._NODEJS_WORKER_SCRIPT = script


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
    return all(policies.role_allows(role, f"logs:{action}", resource) for action, resource in needed)
