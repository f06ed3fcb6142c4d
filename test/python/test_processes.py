import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import World


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system has no fork.")
def test_a_client_that_was_created_before_a_fork_works_in_each_process(world: World) -> None:
    calls = 0

    def change_after_the_first_call(method: str, _token: str, _context: object) -> None:
        nonlocal calls
        calls += method == "ShowCollections"
        if calls > 1:
            world.cluster.accepted = {"orders:two"}

    world.cluster.answer = change_after_the_first_call
    application = Path(__file__).with_name("forked_application.py")
    result = subprocess.run(
        [sys.executable, str(application), world.cluster.endpoint],
        env={**os.environ, "GRPC_ENABLE_FORK_SUPPORT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert sorted(result.stdout.split("\n")) == ["", "first child: v2", "parent: v2", "second child: v2"], result.stderr
    assert len(world.cluster.peers) == 3
