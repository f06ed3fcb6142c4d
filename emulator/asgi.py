"""HTTP messages as ASGI has them, and requests of the emulator to itself.

AWS services call each other through their public APIs. So does the emulator: a request passes
through ministack's routing, signature check, IAM and service code, but through no socket.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.app import app as ministack

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers with their names in lower case."""
    return {name.decode().lower(): value.decode("latin-1") for name, value in headers}


def _encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def read_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def respond(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Send a whole response. The content-length is added."""
    encoded = _encode_headers({**headers, "content-length": str(len(body))})
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def request_to_self(service: str, account: str, region: str, path: str, body: bytes) -> Answer:
    """POST to the API as the root user of the account. `path` is percent-encoded."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", 0),
        "headers": _encode_headers(_signed_headers(service, account, region, path, body)),
    }
    # A separate task, because ministack keeps a request's account and region in context variables.
    return await asyncio.create_task(_exchange(scope, body))


async def _exchange(scope: Message, body: bytes) -> Answer:
    start: Message = {"status": 500, "headers": []}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await ministack(scope, receive, send)
    return Answer(start["status"], decode_headers(start["headers"]), b"".join(parts))


def _signed_headers(service: str, account: str, region: str, path: str, body: bytes) -> dict[str, str]:
    host = f"127.0.0.1:{os.environ['GATEWAY_PORT']}"
    content_type = {"content-type": "application/json"}
    signed = AWSRequest(method="POST", url=f"http://{host}{path}", data=body, headers=content_type)
    # For ministack, an account id and this secret key are the credentials of the root user.
    SigV4Auth(Credentials(account, "test"), service, region).add_auth(signed)
    return {"host": host, "content-length": str(len(body)), **dict(signed.headers)}
