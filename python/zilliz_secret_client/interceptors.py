"""Interceptors of gRPC that send each call with the credential in use, and repeat a refused call.

This is safe for writes too, because Milvus checks the credential before it executes a call.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import grpc
import grpc.aio

from .credential import Credential, HiddenText
from .drivers import Repeater
from .pending_call import FailedAttempt, PendingCall, RefusalTest, new_call


def _metadata(details: Any, credential: Credential) -> list[tuple[str, Any]]:
    # Tracebacks of gRPC have the metadata in their local variables.
    authorization = HiddenText(base64.b64encode(credential.token.encode()).decode())
    return [*(details.metadata or ()), ("authorization", authorization)]


class RotatingInterceptor(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """For the threads of a `MilvusClient`. Does not repeat streams."""

    def __init__(self, repeater: Repeater, is_refusal: RefusalTest) -> None:
        self._repeater = repeater
        self._is_refusal = is_refusal

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        call = new_call(self._repeater, self._is_refusal, details.timeout)

        def send(credential: Credential) -> Any:
            call.sent(credential)
            return continuation(self._details(details, credential, call.time_remaining), request)

        return PendingCall(call, self._repeater, send)

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        return continuation(self._details(details, self._repeater.current, details.timeout), request)

    intercept_stream_unary = intercept_unary_stream
    intercept_stream_stream = intercept_unary_stream

    @staticmethod
    def _details(details: Any, credential: Credential, timeout: float | None) -> SimpleNamespace:
        # gRPC takes the attributes that are missing from its own details.
        return SimpleNamespace(
            method=details.method,
            timeout=timeout,
            metadata=_metadata(details, credential),
            credentials=details.credentials,
        )


class AsyncRotatingInterceptor(grpc.aio.UnaryUnaryClientInterceptor):
    """For the tasks of an `AsyncMilvusClient`."""

    def __init__(self, repeater: Repeater, is_refusal: RefusalTest) -> None:
        self._repeater = repeater
        self._is_refusal = is_refusal

    async def intercept_unary_unary(
        self, continuation: Callable[..., Awaitable[Any]], client_call_details: Any, request: Any
    ) -> Any:
        details = client_call_details
        call = new_call(self._repeater, self._is_refusal, details.timeout)

        async def send(credential: Credential) -> Any:
            attempted = grpc.aio.ClientCallDetails(
                method=details.method,
                timeout=call.time_remaining,
                metadata=_metadata(details, credential),
                credentials=details.credentials,
                wait_for_ready=details.wait_for_ready,
            )
            answer = await continuation(attempted, request)
            try:
                code = await answer.code()
            except asyncio.CancelledError:
                # Otherwise, the cluster would go on with the call.
                answer.cancel()
                raise
            if code is not grpc.StatusCode.OK:
                raise FailedAttempt(answer, code, await answer.details())
            return answer

        try:
            return await self._repeater.run_async(call, send)
        except FailedAttempt as failed:
            # As in new_call, because the error was raised again.
            failed.__traceback__ = None
            return failed.attempt
