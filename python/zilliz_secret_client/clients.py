"""Clients of pymilvus whose calls take the credential of a rotated secret."""

import asyncio
from typing import Any

from pymilvus import MilvusClient

from .credentials import RotatingCredentials

try:
    from pymilvus import AsyncMilvusClient
except ImportError:  # before 2.4.11, and in 2.5.0
    AsyncMilvusClient = None

# Shared connections stay open in pymilvus after the client is closed.
_OWN_CONNECTION = {"dedicated": True}


class _WithCredentials:
    """What both clients have before the class of pymilvus."""

    def __init__(self, credentials: RotatingCredentials, is_owner: bool, options: dict[str, Any]) -> None:
        self._credentials = credentials
        self._is_owner = is_owner
        taken = {"uri", "token", "user", "password"} & options.keys()
        if taken:
            raise TypeError(f"The secret decides {', '.join(sorted(taken))}. Remove the argument.")
        super().__init__(**{**_OWN_CONNECTION, **options, **credentials.connection_args()})

    @property
    def credentials(self) -> RotatingCredentials:
        """The credential in use, and the counters."""
        return self._credentials


class RotatingMilvusClient(_WithCredentials, MilvusClient):
    """A `MilvusClient`. Use `create_rotating_client`."""

    def close(self) -> None:
        """Ends the connection. Credentials that the client has made itself are closed too."""
        try:
            super().close()
        finally:
            if self._is_owner:
                self._credentials.close()


def create_rotating_client(secret: str | RotatingCredentials, **options: Any) -> RotatingMilvusClient:
    """Creates a `MilvusClient` that survives rotations, and connects it.

    The secret is its name or ARN, or credentials with options of their own, which the caller
    closes. The options are those of `MilvusClient`, such as db_name and timeout. Raises
    SecretStoreError, DocumentError, EndpointError, or the error of pymilvus if the cluster cannot
    be reached or refuses the credential.
    """
    credentials = RotatingCredentials(secret) if isinstance(secret, str) else secret
    try:
        return RotatingMilvusClient(credentials, isinstance(secret, str), options)
    except BaseException:
        if isinstance(secret, str):
            credentials.close()
        raise


if AsyncMilvusClient is not None:

    class AsyncRotatingMilvusClient(_WithCredentials, AsyncMilvusClient):
        """An `AsyncMilvusClient`. Use `create_async_rotating_client`."""

        async def close(self) -> None:
            """Ends the connection. Credentials that the client has made itself are closed too."""
            try:
                await super().close()
            finally:
                if self._is_owner:
                    self._credentials.close()


async def create_async_rotating_client(secret: str | RotatingCredentials, **options: Any) -> Any:
    """Does the same as `create_rotating_client` for an `AsyncMilvusClient`.

    The client connects in its first call, and belongs to the event loop that runs now.
    """
    if AsyncMilvusClient is None:
        raise ImportError("This version of pymilvus has no AsyncMilvusClient. Install a later one.")
    is_owner = isinstance(secret, str)
    credentials = await _create_in_thread(secret) if isinstance(secret, str) else secret
    try:
        return AsyncRotatingMilvusClient(credentials, is_owner, options)
    except BaseException:
        if is_owner:
            credentials.close()
        raise


async def _create_in_thread(secret_id: str) -> RotatingCredentials:
    creation = asyncio.get_running_loop().run_in_executor(None, RotatingCredentials, secret_id)

    def close(_creation: object) -> None:
        if creation.exception() is None:
            creation.result().close()

    try:
        return await asyncio.shield(creation)
    except asyncio.CancelledError:
        # The thread goes on, and nobody else closes what it creates.
        creation.add_done_callback(close)
        raise
