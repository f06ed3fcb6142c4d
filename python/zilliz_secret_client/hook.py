"""Gives the interceptors to pymilvus.

pymilvus has no option for an interceptor, but it builds one from the token, in each version from
2.4 on and also when it reconnects. So a client asks for these interceptors by its token: the token
is a name that `register` has made up. Every other token works as before. Frameworks that build
their client themselves pass the token on unchanged.
"""

import base64
import os
import threading
import uuid
import weakref
from typing import Any

import grpc
from pymilvus.client import grpc_handler

from .drivers import Repeater
from .interceptors import AsyncRotatingInterceptor, RotatingInterceptor
from .pending_call import RefusalTest

try:
    from pymilvus.client import async_grpc_handler
except ImportError:  # before 2.4.11, and in 2.5.0
    async_grpc_handler = None

_HANDLERS: "weakref.WeakSet[Any]" = weakref.WeakSet()
_INTERCEPTORS: dict[str, tuple[RotatingInterceptor, AsyncRotatingInterceptor]] = {}
_INSTALLING = threading.Lock()
_is_installed = False


def is_milvus_refusal(code: grpc.StatusCode, details: str) -> bool:
    """Recognises the words of Milvus. A gateway with this code says nothing about the token."""
    return code is grpc.StatusCode.UNAUTHENTICATED and "auth check failure" in details.lower()


def new_token() -> str:
    return f"zilliz-secret-client-{uuid.uuid4().hex}"


def register(token: str, repeater: Repeater, is_refusal: RefusalTest) -> None:
    """Clients of pymilvus with this token get the interceptors, until it is forgotten."""
    _install()
    pair = RotatingInterceptor(repeater, is_refusal), AsyncRotatingInterceptor(repeater, is_refusal)
    _check(token, _INTERCEPTORS.setdefault(token, pair))


def forget(token: str) -> None:
    _INTERCEPTORS.pop(token, None)


def _install() -> None:
    global _is_installed
    with _INSTALLING:
        if _is_installed:
            return
        set_up = grpc_handler.GrpcHandler._setup_authorization_interceptor

        def set_up_authorization(self: Any, user: str, password: str, token: str) -> None:
            pair = _INTERCEPTORS.get(token)
            if pair is None:
                set_up(self, user, password, token)
            else:
                self._authorization_interceptor = pair[0]
                _HANDLERS.add(self)

        grpc_handler.GrpcHandler._setup_authorization_interceptor = set_up_authorization
        if async_grpc_handler is not None:
            add_headers = async_grpc_handler.async_header_adder_interceptor

            def add_headers_or_rotate(headers: list[str], values: list[Any]) -> Any:
                if headers == ["authorization"]:
                    pair = _INTERCEPTORS.get(base64.b64decode(values[0]).decode(errors="replace"))
                    if pair is not None:
                        return pair[1]
                return add_headers(headers, values)

            async_grpc_handler.async_header_adder_interceptor = add_headers_or_rotate
        if hasattr(os, "register_at_fork"):
            # gRPC closes the channels of the parent in a function that it registers with its first
            # channel. Ours must run after that function.
            grpc.insecure_channel("localhost").close()
            os.register_at_fork(after_in_child=_after_fork)
        _is_installed = True


def _check(token: str, pair: tuple[object, object]) -> None:
    """Otherwise, calls would have no credential with a pymilvus that is built differently."""
    handler = object.__new__(grpc_handler.GrpcHandler)
    handler._setup_authorization_interceptor("", "", token)
    if not hasattr(handler, "_setup_grpc_channel") or handler._authorization_interceptor is not pair[0]:
        raise ImportError("This version of pymilvus is not supported. The README names the versions.")
    _HANDLERS.discard(handler)


def _after_fork() -> None:
    """The child of a fork needs channels of its own. Without its support for forks, gRPC hangs."""
    if os.environ.get("GRPC_ENABLE_FORK_SUPPORT", "").lower() not in ("1", "true", "yes"):
        return
    for handler in tuple(_HANDLERS):
        handler._channel = None
        handler._setup_grpc_channel()
