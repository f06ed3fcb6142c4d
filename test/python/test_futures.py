"""Calls that pymilvus sends with `future`, as it does with `_async=True`."""

import gc
import threading
import weakref
from typing import Any

import grpc
import pytest
from conftest import World
from fake_cluster import eventually
from fake_collection import FakeCollection
from pymilvus import Collection, connections
from pymilvus.grpc_gen import milvus_pb2
from zilliz_secret_client import CredentialEvent, create_rotating_client


def _begin(world: World, timeout: float | None = None, **options: Any) -> grpc.Future:
    stub = world.client(**options)._get_connection()._stub
    world.cluster.accepted = set()
    return stub.ShowCollections.future(milvus_pb2.ShowCollectionsRequest(), timeout=timeout)


def test_a_future_is_repeated_too(world: World) -> None:
    future = _begin(world)
    world.rotate()
    done = threading.Event()
    future.add_done_callback(lambda _future: done.set())
    assert done.wait(10)
    assert future.result() is not None and future.exception() is None and future.code() is grpc.StatusCode.OK
    assert future.done() and not future.cancelled() and not future.running() and not future.is_active()
    assert world.cluster.tokens_of("ShowCollections")[-1] == "orders:two"


def test_nothing_but_the_answer_of_a_future_waits_for_its_end(world: World) -> None:
    future = _begin(world, timeout=3600)
    assert 3500 < future.time_remaining() < 3600
    assert future.is_active() and future.running() and not future.done() and not future.cancelled()
    with pytest.raises(grpc.FutureTimeoutError):
        future.result(timeout=0.01)


def test_a_future_is_cancelled_at_once_while_it_waits_for_a_version(world: World) -> None:
    future = _begin(world, budget=3600, minimum_interval=3600)
    # The first round is over.
    eventually(lambda: len(world.secret.reads) == 4)
    done = threading.Event()
    future.add_done_callback(lambda _future: done.set())
    assert future.cancel() and done.wait(10)
    assert future.cancelled() and future.done()
    with pytest.raises(grpc.FutureCancelledError):
        future.result()
    assert isinstance(future.code(), grpc.StatusCode)


def test_a_repetition_that_runs_is_cancelled_on_the_cluster(world: World) -> None:
    runs, is_cancelled = threading.Event(), threading.Event()

    def work(_method: str, token: str, context: grpc.ServicerContext) -> None:
        if token == "orders:two":
            context.add_callback(is_cancelled.set)
            runs.set()
            is_cancelled.wait()

    world.cluster.answer = work
    future = _begin(world)
    world.rotate()
    assert runs.wait(10)
    assert future.cancel() and is_cancelled.wait(10)
    assert future.cancelled()


@pytest.mark.parametrize("event_type", ["interrupted", "recovered"])
def test_a_listener_may_wait_for_a_call_of_its_own(world: World, event_type: str) -> None:
    answers: list[object] = []

    def begin() -> grpc.Future:
        return stub.ShowCollections.future(milvus_pb2.ShowCollectionsRequest())

    def listen(event: CredentialEvent) -> None:
        if event.type == event_type:
            answers.append(begin().result(timeout=10))

    stub = world.client(on_event=listen, budget=60)._get_connection()._stub
    world.secret.hold = threading.Event()
    world.cluster.accepted = set()
    refused = begin()
    eventually(lambda: len(world.secret.reads) == 2)
    # Other calls end meanwhile, and the first one of them ends the interruption.
    world.cluster.accepted = {"orders:one"}
    assert begin().result(timeout=5) is not None
    world.secret.hold.set()
    assert refused.result(timeout=20) is not None
    assert len(answers) == 1


def test_a_future_ends_with_the_refusal_if_no_thread_can_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def start_or_fail(thread: threading.Thread) -> None:
        if thread.name == "zilliz-secret-client-call":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_or_fail)
    with pytest.raises(grpc.RpcError, match="auth check failure"):
        _begin(world).result(timeout=10)
    assert world.types() == ["interrupted"]


def test_a_future_that_failed_is_freed_without_the_garbage_collector(world: World) -> None:
    def fail(method: str, _token: str, context: grpc.ServicerContext) -> None:
        if method == "ShowCollections":
            context.abort(grpc.StatusCode.INTERNAL, "broken")

    world.cluster.answer = fail
    gc.disable()
    try:
        future = _begin(world)
        assert future.code() is grpc.StatusCode.INTERNAL
        freed = weakref.ref(future)
        del future
        eventually(lambda: freed() is None, seconds=5)
    finally:
        gc.enable()


def test_a_repetition_on_a_closed_channel_takes_no_version_into_use(world: World) -> None:
    credentials = world.credentials(budget=60)
    client = create_rotating_client(credentials)
    handler = client._get_connection()
    world.cluster.accepted = set()
    world.secret.store("AWSPENDING", "v2", "orders:two")
    world.secret.hold = threading.Event()
    future = handler._stub.ShowCollections.future(milvus_pb2.ShowCollectionsRequest())
    eventually(lambda: len(world.secret.reads) == 2)
    handler._channel.close()
    world.secret.hold.set()
    assert future.code() is grpc.StatusCode.UNAUTHENTICATED
    assert credentials.current.version_id == "v1" and world.types() == ["interrupted"]


def test_a_search_in_the_background_survives_a_rotation(world: World) -> None:
    FakeCollection(world.cluster, size=6)
    connections.connect("background", **world.credentials().connection_args())
    collection = Collection("orders", using="background")
    world.rotate()
    search = collection.search([[0.1, 0.2]], "vector", {"metric_type": "L2"}, 2, _async=True)
    assert list(search.result()[0].ids) == [1, 2]
    assert world.cluster.tokens_of("Search") == ["orders:one", "orders:two"]
    connections.disconnect("background")
