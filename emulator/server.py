"""The HTTP server: control endpoints and faults in front of ministack, beside the scheduler."""

import asyncio
import contextlib
import logging
import os
import signal
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as ministack
from ministack.core import lambda_runtime, tls

from . import install
from .asgi.messages import App, Message, Receive, Send
from .control import endpoints
from .control.calls import calls
from .control.faults import faults
from .control.quotas import quotas
from .rotation import scheduler
from .rotation.rotation import RetryPolicy
from .rotation.rotations import rotations
from .settings import Settings


def run(settings: Settings) -> int:
    """Serve until SIGTERM, SIGINT or the end of stdin, then stop the function workers."""
    install.install()
    logging.getLogger("emulator").setLevel(logging.INFO)
    rotations.default_policy = RetryPolicy(settings.retries, settings.retry_spacing)
    if settings.rotations_at_a_time is not None:
        rotations.turns = asyncio.Semaphore(settings.rotations_at_a_time)
    if settings.quota is not None:
        quotas.enforce(settings.quota)
    try:
        asyncio.run(_serve(settings))
    except OSError as error:
        print(f"emulator: cannot listen on 127.0.0.1:{settings.port}: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        lambda_runtime.reset()
    return 0


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    if settings.until_stdin_closes:
        loop.add_reader(sys.stdin.fileno(), _stop_at_end_of_stdin, stop)
    background = asyncio.create_task(scheduler.run())
    print(f"emulator: http://127.0.0.1:{settings.port}", flush=True)
    try:
        await serve(_app(https=settings.https), _hypercorn(settings.port), shutdown_trigger=stop.wait)
    finally:
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background


def _app(*, https: bool) -> App:
    async def within_quotas(scope: Message, receive: Receive, send: Send) -> None:
        await quotas.serve(ministack, scope, receive, send)

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await ministack(scope, receive, send)
        elif scope["path"].startswith("/_local/"):
            await endpoints.serve(scope, receive, send)
        else:
            calls.record(scope)
            if https:
                # A proxy that terminates TLS adds the same header.
                scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
            await faults.serve(within_quotas, scope, receive, send)

    return app


def _stop_at_end_of_stdin(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


def _hypercorn(port: int) -> Config:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    config.loglevel = "WARNING"
    if tls.use_ssl_enabled():
        config.certfile, config.keyfile = tls.resolve_tls_material()
    return config
