"""The HTTP server: control endpoints in front of ministack, beside the scheduler."""

import asyncio
import logging

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack_app
from ministack.core import lambda_runtime

from . import control_endpoints, install
from .control_endpoints import Message, Receive, Send
from .rotation import scheduler


def run(port: int) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT, then stop the function workers."""
    install.install()
    logging.getLogger("emulator").setLevel(logging.INFO)
    try:
        asyncio.run(_serve(port))
    finally:
        lambda_runtime.reset()


async def _serve(port: int) -> None:
    background = asyncio.create_task(scheduler.run())
    await serve(_app, _hypercorn(port))
    background.cancel()


async def _app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" and scope["path"].startswith("/_local/"):
        await control_endpoints.serve(scope, receive, send)
        return
    if scope["type"] == "http" and ministack_app.AUTH:
        # Policies with aws:SecureTransport allow TLS only. A proxy adds the same header.
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
    await ministack_app.app(scope, receive, send)


def _hypercorn(port: int) -> Config:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    config.loglevel = "WARNING"
    return config
