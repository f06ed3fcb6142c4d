"""Calls the cluster in ten threads. Prints the thread of each answer, and each event."""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "python"))

from zilliz_secret_client import RotatingCredentials, create_rotating_client


def say(line: str) -> None:
    print(f"{line}\n", end="", flush=True)


def main(budget: str, secret_id: str, ca_file: str) -> None:
    credentials = RotatingCredentials(
        secret_id,
        budget=float(budget),
        background_interval=0.2,
        on_event=lambda event: say(f"event {event.type}"),
    )
    milvus = create_rotating_client(credentials, server_pem_path=ca_file)

    def call_for_ever(thread: int) -> None:
        while True:
            try:
                milvus.get_server_version()
                say(f"ok {thread}")
            except Exception as error:
                say(f"failed {error!r}".replace("\n", " "))
            time.sleep(0.1)

    say("ready")
    for thread in range(10):
        threading.Thread(target=call_for_ever, args=(thread,)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
