"""Requests that the emulator makes to its own public API, as AWS services call each other.

They run through the whole stack of the server (routing, signature check, IAM, the Lambda service) without a socket, so
that neither TLS nor the number of open connections gets in the way.
"""

import asyncio
import os
from dataclasses import dataclass
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.app import app


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
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    # A task of its own: the server keeps account and region of a request in context variables.
    return await asyncio.create_task(_exchange(scope, body))


async def _exchange(scope: dict, body: bytes) -> Answer:
    status, headers, parts = 500, {}, []

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update({name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]})
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, headers, b"".join(parts))


def _signed_headers(service: str, account: str, region: str, method: str, path: str, body: bytes) -> dict[str, str]:
    url = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}{path}"
    signed = AWSRequest(method=method, url=url, data=body, headers={"content-type": "application/json"})
    # ministack takes an access key of 12 digits as the root user of that account, with this secret key.
    SigV4Auth(Credentials(account, "test"), service, region).add_auth(signed)
    return {"host": f"127.0.0.1:{os.environ['GATEWAY_PORT']}", "content-length": str(len(body)), **dict(signed.headers)}
