"""A server of gRPC that checks the credential of each call as Milvus does."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc

REFUSAL = "auth check failure, please check api key is correct"


class FakeCluster:
    """Accepts the tokens in `accepted`."""

    def __init__(self) -> None:
        self.accepted: set[str] = {"orders:one"}
        self.calls: list[tuple[str, str]] = []
        """The method and the token of each call."""
        self.headers: list[dict[str, Any]] = []
        self.peers: set[str] = set()
        self.answer: Callable[[str, str, grpc.ServicerContext], None] = lambda method, token, context: None
        """May end the call with another error, or wait."""
        self.messages: dict[str, Callable[[bytes], bytes]] = {}
        """The answer to an accepted call, from its request. By default an empty message."""
        self._lock = threading.Lock()
        self._server = grpc.server(futures.ThreadPoolExecutor(40))
        self._server.add_generic_rpc_handlers((_Handler(self._handle),))
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tokens_of(self, method: str) -> list[str]:
        with self._lock:
            return [token for name, token in self.calls if name == method]

    def stop(self) -> None:
        self._server.stop(0).wait()

    def _handle(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        headers = dict(context.invocation_metadata())
        token = base64.b64decode(headers.get("authorization", "")).decode()
        with self._lock:
            self.calls.append((method, token))
            self.headers.append(headers)
            self.peers.add(context.peer())
        if method != "Connect":
            self.answer(method, token, context)
        if token not in self.accepted:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, REFUSAL)
        message = self.messages.get(method)
        return b"" if message is None else message(request)


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, handle: Callable[[str, bytes, grpc.ServicerContext], bytes]) -> None:
        self._handle = handle

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = details.method.rpartition("/")[2]
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._handle(method, request, context))


def eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Waits until a condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "The condition did not become true."
        time.sleep(0.005)


@contextmanager
def takes(least: float, most: float) -> Iterator[None]:
    """Fails if the block ends outside of these seconds."""
    began = time.monotonic()
    yield
    assert least <= time.monotonic() - began < most
