import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from conftest import World
from fake_cluster import eventually
from fake_secret import serve

GUNICORN = ["gunicorn", "--workers=2", "--no-control-socket"]
# gunicorn takes its hooks from a module, which it imports in the parent.
PRELOAD = ["--preload", "--config=python:gunicorn_application"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system has no fork.")
@pytest.mark.parametrize("options", [[], PRELOAD], ids=["after the fork", "before the fork"])
def test_no_request_fails_in_gunicorn_whose_client_was_created(world: World, options: list[str]) -> None:
    with serve(world.secret) as (url, _connections), socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", *GUNICORN, f"--bind=fd://{listener.fileno()}", *options, "gunicorn_application"],
            cwd=Path(__file__).parent,
            pass_fds=[listener.fileno()],
            env={**os.environ, **_environment(url, world), "GRPC_ENABLE_FORK_SUPPORT": str(int(options == PRELOAD))},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for number in range(2, 4):
                _both_workers_have(address, f"v{number - 1}")
                world.rotate(f"v{number}", f"orders:{number}")
                _both_workers_have(address, f"v{number}")
                world.secret.promote()
            # No call is refused, so only a read in the background finds this version.
            world.secret.store("AWSCURRENT", "v4", "orders:3")
            _both_workers_have(address, "v4")
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=60)
        assert options != PRELOAD or "parent: " in output


def _both_workers_have(address: str, version_id: str) -> None:
    def request(_number: int) -> str:
        with urlopen(address, timeout=120) as answer:
            return str(answer.read().decode())

    def have() -> bool:
        with ThreadPoolExecutor(4) as pool:
            answers = {answer.split()[0]: answer.split()[1] for answer in pool.map(request, range(8))}
        return list(answers.values()) == [version_id] * 2

    eventually(have, 120)


def _environment(secrets_manager: str, world: World) -> dict[str, str]:
    return {
        "MILVUS": world.cluster.endpoint,
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets_manager,
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "key",
    }
