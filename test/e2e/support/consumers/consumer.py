"""Calls the cluster through the example for Python. Prints ok, or the failure, for each call."""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "examples" / "consume"))

from rotating_milvus import RotatingMilvus


def main(secret_id: str, ca_file: str) -> None:
    milvus = RotatingMilvus(secret_id, **({"server_pem_path": ca_file} if ca_file else {}))

    def call_for_ever() -> None:
        while True:
            try:
                milvus.use(lambda client: client.get_server_version())
                print("ok\n", end="", flush=True)
            except Exception as error:
                print(f"failed {error!r}\n", end="", flush=True)
            time.sleep(0.02)

    # Calls at the same time share the search for another credential.
    for _ in range(2):
        threading.Thread(target=call_for_ever).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
