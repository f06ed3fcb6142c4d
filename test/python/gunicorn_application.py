"""An application for gunicorn. With --preload, it creates its client before the workers fork."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

import boto3
import grpc
from zilliz_secret_client import RotatingCredentials, create_rotating_client

channels: list[grpc.Channel] = []
# Older gRPC, such as 1.62 for pymilvus 2.4, closes the channels of the parent in the child.
os.register_at_fork(after_in_child=lambda: [channel.close() for channel in channels])
credentials = RotatingCredentials(
    "milvus/orders",
    secrets_manager=boto3.client("secretsmanager"),
    endpoint=os.environ["MILVUS"],
    background_interval=0.2,
)
milvus = create_rotating_client(credentials)
channels.append(milvus._get_connection()._channel)


def _call() -> str:
    milvus.list_collections()
    return f"{os.getpid()} {credentials.current.version_id}"


def application(_environment: object, start: Callable[[str, list[tuple[str, str]]], object]) -> list[bytes]:
    start("200 OK", [])
    return [_call().encode()]


def on_exit(_server: object) -> None:
    """gunicorn calls it in the parent."""
    print(f"parent: {_call()}", flush=True)
