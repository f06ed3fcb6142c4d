"""TLS between a function and a server on this machine, such as a cluster with REST.

ministack makes every HTTPS request of a function to localhost a request in plain text, for the
responses of custom resources. These responses go to ministack's own port. If the code drops the
port, they go to 443. A request to another port keeps TLS here, as it does in ministack's workers
in containers.
"""

from ministack.core import lambda_runtime

_CONDITION = 'if (host === "127.0.0.1" || host === "localhost" || host === msHost'
_END_OF_CONDITION = "|| (advertised && host === advertised)) {"
_TO_GATEWAY = '!options.port || ["443", String(msPort)].includes(String(options.port))'


def _worker_script() -> str:
    script: str = lambda_runtime._NODEJS_WORKER_SCRIPT
    start = script.index(_CONDITION)
    end = script.index(_END_OF_CONDITION, start) + len(_END_OF_CONDITION)
    condition = script[start:end].removeprefix("if (").removesuffix(") {")
    return f"{script[:start]}if (({_TO_GATEWAY}) && ({condition})) {{{script[end:]}"


def install() -> None:
    lambda_runtime._NODEJS_WORKER_SCRIPT = _worker_script()
