"""HTTP messages as ASGI has them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers with their names in lower case."""
    return {name.decode().lower(): value.decode("latin-1") for name, value in headers}


async def read_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def respond(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Send a whole response. The content-length is added."""
    named = {**headers, "content-length": str(len(body))}
    encoded = [(name.encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
