"""Calls the cluster through the example for Python, until standard input closes.

Prints one line for each call: the number of clients that were used so far, or the failure.
"""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "examples" / "consume"))

from pymilvus import MilvusClient
from rotating_milvus import RotatingMilvus


def main(secret_id: str, ca_file: str, workers: str) -> None:
    milvus = RotatingMilvus(secret_id, server_pem_path=ca_file)
    clients: set[MilvusClient] = set()
    ended = threading.Event()

    def call(client: MilvusClient) -> None:
        client.get_server_version()
        clients.add(client)

    def work() -> None:
        while not ended.is_set():
            try:
                milvus.use(call)
                print(f"ok {len(clients)}\n", end="", flush=True)
            except Exception as error:
                print(f"failed {error!r}\n", end="", flush=True)
                ended.wait(0.1)

    threads = [threading.Thread(target=work) for _ in range(int(workers))]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
