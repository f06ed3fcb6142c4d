"""A Milvus client for a rotated secret, with pymilvus and boto3, for any number of threads."""

import json
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import boto3
import grpc
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

T = TypeVar("T")


class RotatingMilvus:
    """If the cluster refuses the token, reads the secret again and repeats the call.

    The repetition is safe, because a cluster does not execute a call that it answers with
    UNAUTHENTICATED.

        milvus = RotatingMilvus("milvus/orders")
        milvus.use(lambda client: client.list_collections())
    """

    def __init__(self, secret_id: str, **options: object) -> None:
        """The options are those of MilvusClient, such as db_name."""
        self._secret_id = secret_id
        self._options = options
        self._secrets_manager = boto3.client("secretsmanager")
        self._lock = threading.Lock()
        self._client: MilvusClient | None = None
        self._token: str | None = None

    def use(self, call: Callable[[MilvusClient], T]) -> T:
        client = self._other_than(None)
        try:
            return call(client)
        except (MilvusException, grpc.RpcError) as error:
            if not _is_refusal(error):
                raise
        return call(self._other_than(client))

    def _other_than(self, refused: MilvusClient | None) -> MilvusClient:
        with self._lock:
            # Another thread may have replaced the refused client meanwhile.
            if self._client is refused:
                self._client = self._connect()
            return self._client

    def _connect(self) -> MilvusClient:
        # A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT
        # later. The last attempt waits for its end.
        for stage, seconds in (("AWSCURRENT", 0), ("AWSPENDING", 0), ("AWSCURRENT", 1)):
            time.sleep(seconds)
            secret = self._read(stage)
            if secret is None or secret["token"] == self._token:
                continue
            try:
                # Not user= and password=: some versions of pymilvus then return the connection of
                # the old password. The old client stays open, because other threads may use it.
                client = MilvusClient(uri=secret["endpoint"], token=secret["token"], **self._options)
                # pymilvus may return a connection that logged in earlier with the same token.
                client.get_server_version()
            except (MilvusException, grpc.RpcError) as error:
                if not _is_refusal(error):
                    raise
            else:
                self._token = secret["token"]
                return client
        raise PermissionError(f"The cluster refuses the versions AWSCURRENT and AWSPENDING of {self._secret_id}.")

    def _read(self, stage: str) -> dict[str, str] | None:
        try:
            answer = self._secrets_manager.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except self._secrets_manager.exceptions.ResourceNotFoundException:
            if stage == "AWSCURRENT":
                raise
            return None
        secret = _parse(answer["SecretString"])
        if secret is None:
            raise ValueError(f"The secret {self._secret_id} is not a JSON object.")
        return secret


def _parse(text: str) -> dict[str, str] | None:
    try:
        secret = json.loads(text)
    except ValueError:
        # This error holds the whole secret, so no other error may have it as its context.
        return None
    return secret if isinstance(secret, dict) else None


def _is_refusal(error: Exception) -> bool:
    # MilvusClient() raises the error of gRPC as a cause, and a call raises the error itself.
    rpc_error = error.__cause__ if isinstance(error, MilvusException) else error
    return isinstance(rpc_error, grpc.RpcError) and rpc_error.code() == grpc.StatusCode.UNAUTHENTICATED
