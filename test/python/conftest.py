import asyncio
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# The tests run before the package is built.
sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

from fake_cluster import FakeCluster
from fake_secret import FakeSecret
from zilliz_secret_client import CredentialEvent, RotatingCredentials, RotatingMilvusClient, create_rotating_client


class World:
    """A cluster, its secret and the events of the credentials."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.secret = FakeSecret()
        self.events: list[CredentialEvent] = []
        self._closers: list[Callable[[], object]] = []

    def credentials(self, **options: Any) -> RotatingCredentials:
        defaults = {"source": self.secret, "endpoint": self.cluster.endpoint, "minimum_interval": 0.02, "budget": 5}
        credentials = RotatingCredentials(**{**defaults, "on_event": self.events.append, **options})
        self._closers.append(credentials.close)
        return credentials

    def client(self, client_options: dict[str, Any] | None = None, **options: Any) -> RotatingMilvusClient:
        client = create_rotating_client(self.credentials(**options), **(client_options or {}))
        self._closers.append(client.close)
        return client

    def rotate(self, version_id: str = "v2", token: str = "orders:two") -> None:
        """The cluster accepts AWSPENDING, as after setSecret."""
        self.secret.store("AWSPENDING", version_id, token)
        self.cluster.accepted = {token}

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def close(self) -> None:
        for close in reversed(self._closers):
            close()
        self.cluster.stop()


@pytest.fixture
def world() -> Iterator[World]:
    created = World()
    yield created
    created.close()


def pytest_configure(config: pytest.Config) -> None:
    """An error that ends a thread fails the test."""
    config.addinivalue_line("filterwarnings", "error::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a test that is a coroutine function in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tells pytest.test.ts of each test."""
    path = os.environ.get("PYTEST_RESULTS")
    # A test has three phases. Only a failure of the first and the last is a result.
    if path and (report.when == "call" or not report.passed):
        result = {"name": report.nodeid, "outcome": report.outcome, "text": report.longreprtext}
        with Path(path).open("a") as file:
            file.write(json.dumps(result) + "\n")
