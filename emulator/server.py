"""The HTTP server: control endpoints and faults in front of ministack, beside the scheduler."""

import asyncio
import contextlib
import logging
import signal
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack_app
from ministack.core import lambda_runtime

from . import control_endpoints, install
from .asgi import Message, Receive, Send
from .faults import faults
from .rotation import scheduler


def run(port: int) -> int:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT, then stop the function workers."""
    install.install()
    logging.getLogger("emulator").setLevel(logging.INFO)
    try:
        asyncio.run(_serve(port))
    except OSError as error:
        print(f"emulator: cannot listen on 127.0.0.1:{port}: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        lambda_runtime.reset()
    return 0


async def _serve(port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    background = asyncio.create_task(scheduler.run())
    print(f"emulator: http://127.0.0.1:{port}", flush=True)
    try:
        await serve(_app, _hypercorn(port), shutdown_trigger=stop.wait)
    finally:
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background


async def _app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        await ministack_app.app(scope, receive, send)
    elif scope["path"].startswith("/_local/"):
        await control_endpoints.serve(scope, receive, send)
    else:
        if ministack_app.AUTH:
            # Policies with aws:SecureTransport allow TLS only. A proxy adds the same header.
            scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await faults.serve(ministack_app.app, scope, receive, send)


def _hypercorn(port: int) -> Config:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    config.loglevel = "WARNING"
    return config
