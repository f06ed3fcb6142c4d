"""An application with the package for Python, for the cases of the conformance suite."""

import os
import sys
import threading
from pathlib import Path

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
    milvus = create_rotating_client(os.environ["SECRET_ID"])
    printing = threading.Lock()

    def say(line: str) -> None:
        with printing:
            print(line, flush=True)

    def call() -> None:
        try:
            milvus.list_collections(timeout=20)
        except Exception as error:
            say(f"failed {kind_of(error)}")
        else:
            say("ok")

    say("ready")
    for line in sys.stdin:
        command, _, count = line.strip().partition(" ")
        if command == "stop":
            break
        for _ in range(int(count)):
            threading.Thread(target=call, daemon=True).start()
    milvus.close()


main()
