"""The types of ASGI, and functions that read and send whole HTTP messages."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers with their names in lower case."""
    return {name.decode().lower(): value.decode("latin-1") for name, value in headers}


def encode_headers(headers: Mapping[str, str]) -> Headers:
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
    encoded = encode_headers({**headers, "content-length": str(len(body))})
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
