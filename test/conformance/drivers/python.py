"""An application with the package for Python, for the cases of the conformance suite."""

import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "python"))

import grpc
from pymilvus.client.types import Status
from pymilvus.exceptions import MilvusException
from zilliz_secret_client import create_rotating_client
from zilliz_secret_client.hook import is_milvus_refusal

UNAVAILABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def kind_of(error: BaseException) -> str:
    if isinstance(error, MilvusException) and error.code == Status.CONNECT_FAILED:
        return "unavailable"
    # pymilvus gives up its own attempts with an error whose cause is the error of gRPC.
    rpc_error = error.__cause__ if isinstance(error, MilvusException) else error
    if not isinstance(rpc_error, grpc.RpcError):
        return "other"
    if is_milvus_refusal(rpc_error.code(), rpc_error.details() or ""):
        return "refused"
    return "unavailable" if rpc_error.code() in UNAVAILABLE else "other"


def main() -> None:
    printing = threading.Lock()

    def call(secret_id: str, client: "Future[Any]") -> None:
        try:
            client.result().list_collections(timeout=20)
            outcome = "ok"
        except Exception as error:
            outcome = f"failed {kind_of(error)}"
        with printing:
            print(secret_id, outcome, flush=True)

    clients: dict[str, Future[Any]] = {}
    with ThreadPoolExecutor(100) as threads:
        for line in sys.stdin:
            secret_id, word, *count = line.split()
            if secret_id not in clients:
                clients[secret_id] = threads.submit(create_rotating_client, secret_id)
            client = clients[secret_id]
            if word == "close":
                # A client that could not be created fails its own case only.
                threads.submit(lambda opened: opened.result().close(), client)
                continue
            for _ in range(int(count[0])):
                threads.submit(call, secret_id, client)


main()
