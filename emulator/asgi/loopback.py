"""Requests of the emulator to its own public API, as AWS services call each other.

A request passes through ministack's routing, signature check, IAM and service code, but through no
socket.
"""

import asyncio
import os
from dataclasses import dataclass
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.app import app

from .messages import Message, decode_headers, encode_headers


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def request(service: str, account: str, region: str, method: str, path: str, body: bytes) -> Answer:
    """Call the API as the root user of the account. `path` is percent-encoded."""
    headers = _signed_headers(service, account, region, method, path, body)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", 0),
        "headers": encode_headers(headers),
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

    await app(scope, receive, send)
    return Answer(start["status"], decode_headers(start["headers"]), b"".join(parts))


def _signed_headers(service: str, account: str, region: str, method: str, path: str, body: bytes) -> dict[str, str]:
    host = f"127.0.0.1:{os.environ['GATEWAY_PORT']}"
    url, content_type = f"http://{host}{path}", {"content-type": "application/json"}
    signed = AWSRequest(method=method, url=url, data=body, headers=content_type)
    # For ministack, an account id and this secret key are the credentials of the root user.
    SigV4Auth(Credentials(account, "test"), service, region).add_auth(signed)
    return {"host": host, "content-length": str(len(body)), **dict(signed.headers)}
