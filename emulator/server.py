"""The server: control endpoints and faults around ministack, and a scheduler beside it."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import Any
from urllib.parse import parse_qsl

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as ministack
from ministack.core import lambda_runtime, tls

from . import install
from .control import control
from .rotation import scheduler
from .control.faults import faults
from .rotation.rotation import RetryPolicy
from .rotation.rotations import rotations
from .settings import Settings

_log = logging.getLogger("emulator")


class Server:
    def __init__(self, settings: Settings) -> None:
        self._https = settings.https

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await ministack(scope, receive, send)
        elif scope["path"].startswith("/_local/"):
            await _control(scope, receive, send)
        else:
            await faults.serve(ministack, self._marked(scope), receive, send)

    def _marked(self, scope: dict[str, Any]) -> dict[str, Any]:
        """The request as a TLS-terminating proxy would pass it on, if so asked."""
        if not self._https:
            return scope
        return {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}


async def _control(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    query = dict(parse_qsl(scope["query_string"].decode()))
    status, answer = await control.answer(scope["method"], scope["path"], query, body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer, "more_body": False})


def run(settings: Settings) -> int:
    """Serve until SIGTERM, SIGINT or the end of stdin; then stop the function workers too."""
    install.install()
    logging.getLogger("emulator").setLevel(logging.INFO)
    rotations.default_policy = RetryPolicy(settings.retries, settings.retry_spacing)
    try:
        asyncio.run(_serve(settings))
    except OSError as problem:
        print(f"emulator: cannot listen on 127.0.0.1:{settings.port}: {problem.strerror}", file=sys.stderr)
        return 1
    finally:
        lambda_runtime.reset()
    return 0


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    if settings.until_stdin_closes:
        loop.add_reader(sys.stdin.fileno(), _stop_at_end_of_stdin, stop)
    background = asyncio.create_task(scheduler.run())
    print(f"emulator: http://127.0.0.1:{settings.port}", flush=True)
    try:
        await serve(Server(settings), _hypercorn(settings), shutdown_trigger=stop.wait)  # type: ignore[arg-type]
    finally:
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background


def _stop_at_end_of_stdin(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


def _hypercorn(settings: Settings) -> Config:
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    config.loglevel = "WARNING"
    if tls.use_ssl_enabled():
        config.certfile, config.keyfile = tls.resolve_tls_material()
    return config
