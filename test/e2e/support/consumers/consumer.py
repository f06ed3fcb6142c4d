"""Calls the cluster through the package, in threads and in tasks. Prints ok, or the failure."""

import asyncio
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "python"))

from zilliz_secret_client import RotatingCredentials, create_async_rotating_client, create_rotating_client


def main(secret_id: str, ca_file: str) -> None:
    options = {"server_pem_path": ca_file} if ca_file else {}
    credentials = RotatingCredentials(secret_id)
    milvus = create_rotating_client(credentials, **options)

    def call_for_ever() -> None:
        while True:
            try:
                milvus.get_server_version()
                print("ok\n", end="", flush=True)
            except Exception as error:
                print(f"failed {error!r}\n", end="", flush=True)
            time.sleep(0.1)

    async def call_in_tasks() -> None:
        async_milvus = await create_async_rotating_client(credentials, **options)
        while True:
            try:
                await async_milvus.get_server_version()
                print("ok\n", end="", flush=True)
            except Exception as error:
                print(f"failed {error!r}\n", end="", flush=True)
            await asyncio.sleep(0.1)

    print("ready", flush=True)
    # Calls at the same time share the search for another credential.
    for _ in range(2):
        threading.Thread(target=call_for_ever).start()
    asyncio.run(call_in_tasks())


if __name__ == "__main__":
    main(*sys.argv[1:])
