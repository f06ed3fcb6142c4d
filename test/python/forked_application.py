"""Connects, forks as gunicorn with --preload does, and calls the cluster in both processes."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

import grpc
from fake_secret import FakeSecret
from zilliz_secret_client import RotatingCredentials, create_rotating_client


def main(endpoint: str) -> None:
    secret = FakeSecret()
    credentials = RotatingCredentials(source=secret, endpoint=endpoint, background_interval=0.05)
    channels: list[grpc.Channel] = []
    # Older gRPC, such as 1.62 for pymilvus 2.4, closes the channels of the parent in the child.
    os.register_at_fork(after_in_child=lambda: [channel.close() for channel in channels])
    client = create_rotating_client(credentials)
    channels.append(client._get_connection()._channel)
    client.list_collections()
    for name in ("first", "second"):
        if os.fork() == 0:
            secret.store("AWSPENDING", "v2", "orders:two")
            client.list_collections()
            reads = len(secret.reads)
            while len(secret.reads) == reads:
                credentials.use(lambda credential: credential, lambda _error: False)
            print(f"{name} child: {credentials.current.version_id}", flush=True)
            os._exit(0)
    for _ in range(2):
        os.wait()
    secret.store("AWSPENDING", "v2", "orders:two")
    client.list_collections()
    print(f"parent: {credentials.current.version_id}", flush=True)


main(*sys.argv[1:])
