"""The credential of a rotated secret, for REST and other clients."""

import os
import threading
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import grpc

from .call import FoundVersion, Timing
from .credential import Credential, DocumentError
from .drivers import Repeater
from .endpoint import EndpointError, parse_endpoint
from .events import CredentialCounters, CredentialEvent, Journal
from .hook import forget, is_milvus_refusal, new_token, register
from .reader import VersionReader, closed
from .source import CredentialSource, SecretsManagerSource
from .state import State

T = TypeVar("T")

_ALL: "weakref.WeakSet[RotatingCredentials]" = weakref.WeakSet()


class RotatingCredentials:
    """Reads a rotated secret, and keeps its credential up to date. Close it after use.

    Calls take the credential from memory. After a refusal, one call finds the next version for all
    threads and tasks. A read in the background follows each rotation.
    """

    def __init__(
        self,
        secret_id: str | None = None,
        *,
        source: CredentialSource | None = None,
        secrets_manager: Any = None,
        endpoint: str | None = None,
        allow_plaintext: bool = False,
        minimum_interval: float = 0.25,
        budget: float = 10.0,
        background_interval: float = 1800.0,
        is_refusal: Callable[[grpc.StatusCode, str], bool] = is_milvus_refusal,
        on_event: Callable[[CredentialEvent], object] | None = None,
    ) -> None:
        """Reads the secret. The README explains the options.

        Raises SecretStoreError if the secret cannot be read, DocumentError if it holds no
        credential.
        """
        if (source is None) == (secret_id is None):
            raise TypeError("Give one of the arguments secret_id and source.")
        timing = Timing(minimum_interval, budget, background_interval)
        self._allow_plaintext = allow_plaintext
        self._is_refusal = is_refusal
        self._journal = Journal(on_event)
        self._reader = VersionReader(
            source or SecretsManagerSource(secret_id or "", secrets_manager), self._journal, endpoint
        )
        try:
            first = self._reader.read("AWSCURRENT")
            if first is None:
                raise DocumentError("There is no version AWSCURRENT.")
        except BaseException:
            self._reader.close()
            raise
        self._state = State(first, self._journal, timing)
        self._repeater = Repeater(self._state, self._reader)
        self._token = new_token()
        _ALL.add(self)
        self._start_background()

    @property
    def current(self) -> Credential:
        """The credential for the next call. Read it for each call."""
        return self._state.current

    @property
    def counters(self) -> CredentialCounters:
        return self._journal.counters

    def use(
        self, send: Callable[[Credential], T], is_refusal: Callable[[Exception], bool], timeout: float | None = None
    ) -> T:
        """Sends a call, and repeats it with another version if the cluster refuses the credential.

        is_refusal tells whether an error of `send` says that the cluster has refused the
        credential and so has executed nothing. Every other error passes through. The timeout, in
        seconds, ends the wait for a version, not the call. If no version is accepted in time, the
        refusal is raised. Its `__cause__` is the failure to read a version, if there was one.
        """
        return self._repeater.run(self._repeater.new_call(is_refusal, timeout), send)

    async def use_async(
        self,
        send: Callable[[Credential], Awaitable[T]],
        is_refusal: Callable[[Exception], bool],
        timeout: float | None = None,
    ) -> T:
        """Does the same as `use` for a coroutine function."""
        return await self._repeater.run_async(self._repeater.new_call(is_refusal, timeout), send)

    def connection_args(self) -> dict[str, str]:
        """The arguments `uri` and `token` for whatever builds a client of pymilvus.

        The token is a name of these credentials in this process and no secret. Clients of pymilvus
        that get it send each call with the credential in use.
        """
        address = self.current.endpoint
        if address is None:
            raise EndpointError("The secret names no endpoint. Give the argument endpoint: https://host[:port].")
        url = parse_endpoint(address, self._allow_plaintext)
        register(self._token, self._repeater, self._is_refusal)
        if self._reader.closing.is_set():
            forget(self._token)
            raise closed()
        return {"uri": url, "token": self._token}

    def refresh(self) -> Credential:
        """Reads AWSCURRENT now, for an application that learns of a rotation.

        Takes the version into use unless the cluster has refused it. Returns the credential in
        use. Raises SecretStoreError, DocumentError or EndpointChangedError. The credential then
        stays.
        """
        before = self.current
        try:
            credential = self._reader.read("AWSCURRENT")
        except Exception as error:
            self._reader.report("AWSCURRENT", error)
            raise
        # A cancelled rotation leaves a refused version as AWSCURRENT.
        if credential and credential.version_id != before.version_id and not self._state.has_refused(credential):
            self._state.adopt(FoundVersion(credential, "AWSCURRENT"), "background", before)
        return self.current

    def close(self) -> None:
        """Ends all reads and waits. The last credential can still be read."""
        self._reader.close()
        self._state.wake()
        forget(self._token)

    def __enter__(self) -> "RotatingCredentials":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _start_background(self) -> None:
        threading.Thread(target=self._refresh_in_background, name="zilliz-secret-client", daemon=True).start()

    def _refresh_in_background(self) -> None:
        """The next rotation may end the password of an older version, so a version is not kept."""
        closing = self._reader.closing
        while not closing.wait(self._reader.background_delay(self._state.timing.background_interval)):
            with suppress(Exception):
                self.refresh()

    def _after_fork(self) -> None:
        self._journal.reset_lock()
        self._state.after_fork()
        if not self._reader.closing.is_set():
            self._start_background()


def _after_fork() -> None:
    for credentials in tuple(_ALL):
        credentials._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
