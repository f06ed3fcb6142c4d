"""No call waits beyond its deadline, its budget or the end of the credentials."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from conftest import World
from fake_cluster import eventually, takes
from fake_secret import is_refusal, request_to
from pymilvus import MilvusException
from zilliz_secret_client import SecretStoreError, reader
from zilliz_secret_client.source import READER_THREAD


def test_the_refusal_is_raised_after_the_budget_with_the_failure_to_read_as_its_cause(world: World) -> None:
    credentials = world.credentials(budget=1)
    world.secret.be_down()
    with takes(1, 4), pytest.raises(PermissionError) as raised:
        credentials.use(request_to("none"), is_refusal)
    cause = raised.value.__cause__
    assert isinstance(cause, SecretStoreError) and cause.code == "InternalServiceError"
    reads = len(world.secret.reads)
    with pytest.raises(PermissionError):
        credentials.use(request_to("none"), is_refusal)
    # Later calls do not wait for a budget of their own.
    assert len(world.secret.reads) <= reads + 2
    assert world.types().count("budget-ended") == 1
    world.secret.failures.clear()
    world.secret.store("AWSCURRENT", "v2", "orders:two")
    assert credentials.use(request_to("orders:two"), is_refusal) == "answer"
    assert world.types()[-1] == "recovered"
    with pytest.raises(PermissionError) as raised:
        credentials.use(request_to("none"), is_refusal, timeout=0)
    # Not the failure of the interruption before.
    assert raised.value.__cause__ is None


def test_a_call_through_another_proxy_tries_what_another_call_has_read_before_it_fails(world: World) -> None:
    credentials = world.credentials(budget=0.6, minimum_interval=1)
    with pytest.raises(PermissionError):
        credentials.use(request_to("none"), is_refusal)
    world.secret.store("AWSPENDING", "v2", "orders:two")
    before = credentials.counters.refused_calls
    with ThreadPoolExecutor(2) as pool:
        # After the budget of the interruption, calls have one more round. The first call reads it.
        probe = pool.submit(credentials.use, request_to("none"), is_refusal)
        eventually(lambda: credentials.counters.refused_calls > before)
        other = pool.submit(credentials.use, request_to("orders:two"), is_refusal)
        assert isinstance(probe.exception(10), PermissionError)
        assert other.result(10) == "answer"


def test_the_timeout_ends_the_wait_and_leaves_the_read_to_the_next_call(world: World) -> None:
    credentials = world.credentials(budget=60)
    world.secret.store("AWSCURRENT", "v2", "orders:two")
    world.secret.hold = threading.Event()
    with takes(0, 2), pytest.raises(PermissionError):
        credentials.use(request_to("orders:two"), is_refusal, timeout=0.2)
    world.secret.hold.set()
    assert credentials.use(request_to("orders:two"), is_refusal, timeout=5) == "answer"
    assert world.secret.reads == ["AWSCURRENT", "AWSCURRENT"]


def test_a_call_goes_on_if_no_thread_can_start_for_a_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = world.credentials()
    start = threading.Thread.start
    failures: list[threading.Thread] = []

    def fail_once(thread: threading.Thread) -> None:
        if thread.name == READER_THREAD and not failures:
            failures.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", fail_once)
    world.rotate()
    assert credentials.use(request_to("orders:two"), is_refusal) == "answer"
    assert world.types() == ["interrupted", "refresh-failed", "refreshed", "recovered"]


def test_a_silent_secret_holds_no_call_beyond_its_budget(world: World) -> None:
    credentials = world.credentials(budget=0.5)
    world.secret.store("AWSCURRENT", "v2", "orders:two")
    world.secret.hold = threading.Event()
    with takes(0.5, 3), pytest.raises(PermissionError) as raised:
        credentials.use(request_to("orders:two"), is_refusal)
    assert isinstance(raised.value.__cause__, SecretStoreError)
    assert world.types() == ["interrupted", "refresh-failed", "budget-ended"]
    world.secret.hold.set()
    assert credentials.use(request_to("orders:two"), is_refusal) == "answer"


def test_a_silent_secret_holds_no_refresh_beyond_the_limit_of_a_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "READ_TIMEOUT", 0.2)
    credentials = world.credentials()
    world.secret.hold = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        try:
            error = pool.submit(credentials.refresh).exception(10)
        finally:
            world.secret.hold.set()
    assert isinstance(error, SecretStoreError) and error.code == "TimeoutError"


def test_no_lock_is_held_while_the_secret_is_read(world: World) -> None:
    credentials = world.credentials(budget=3600)
    world.secret.hold = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        refused = pool.submit(credentials.use, request_to("none"), is_refusal)
        eventually(lambda: len(world.secret.reads) == 2)
        accepted = pool.submit(credentials.use, request_to("orders:one"), is_refusal)
        try:
            assert accepted.result(10) == "answer"
            assert credentials.counters.refused_calls == 1 and not refused.done()
        finally:
            world.secret.hold.set()
            credentials.close()


def test_the_timeout_ends_a_repetition_that_the_cluster_does_not_answer(world: World) -> None:
    client = world.client()
    may_answer = threading.Event()

    def be_silent(_method: str, token: str, _context: grpc.ServicerContext) -> None:
        if token == "orders:two":
            may_answer.wait()

    world.rotate()
    world.cluster.answer = be_silent
    with takes(0.9, 4), pytest.raises((grpc.RpcError, MilvusException)) as raised:
        client.has_collection("orders", timeout=1)
    may_answer.set()
    assert "DEADLINE_EXCEEDED" in f"{raised.value!r} {raised.value.__cause__!r}"


def test_the_timeout_of_a_call_ends_its_wait(world: World) -> None:
    client = world.client(budget=60)
    world.cluster.accepted = set()
    world.secret.hold = threading.Event()
    with takes(0.9, 4), pytest.raises(grpc.RpcError) as raised:
        client.has_collection("orders", timeout=1)
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
    world.secret.hold.set()


def test_close_ends_all_waits_and_the_source(world: World) -> None:
    credentials = world.credentials(budget=3600, minimum_interval=3600)
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(credentials.use, request_to("none"), is_refusal) for _ in range(3)]
        eventually(lambda: len(world.secret.reads) == 4)
        credentials.close()
        for call in calls:
            assert isinstance(call.exception(10), PermissionError)
    credentials.close()
    assert world.secret.closed == 1
    assert credentials.current.version_id == "v1"


def test_close_ends_the_wait_for_a_silent_secret(world: World) -> None:
    credentials = world.credentials(budget=3600)
    world.secret.hold = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(credentials.use, request_to("none"), is_refusal)
        eventually(lambda: len(world.secret.reads) == 2)
        with takes(0, 3):
            refresh = pool.submit(credentials.refresh)
            eventually(lambda: len(world.secret.reads) == 3)
            credentials.close()
            assert isinstance(call.exception(10), PermissionError)
            assert isinstance(refresh.exception(10), RuntimeError)
    world.secret.hold.set()


def test_closed_credentials_read_no_secret(world: World) -> None:
    credentials = world.credentials()
    credentials.close()
    with pytest.raises(RuntimeError, match="closed"):
        credentials.refresh()
    with pytest.raises(PermissionError):
        credentials.use(request_to("none"), is_refusal)
    assert world.secret.reads == ["AWSCURRENT"]
