import asyncio
import gc
import logging
import threading
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from conftest import World
from fake_cluster import eventually, takes
from fake_secret import is_refusal, request_to
from pymilvus import MilvusException
from zilliz_secret_client import Credential, RotatingCredentials, clients, create_async_rotating_client, recovery
from zilliz_secret_client.hook import is_milvus_refusal
from zilliz_secret_client.interceptors import AsyncRotatingInterceptor


def _request_to(accepted: str) -> Callable[[Credential], Awaitable[str]]:
    async def send(credential: Credential) -> str:
        return request_to(accepted)(credential)

    return send


async def _list(client: object) -> object:
    return await client.has_collection("orders")  # type: ignore[attr-defined]


@asynccontextmanager
async def _connected(world: World, **options: Any) -> AsyncIterator[Any]:
    client = await create_async_rotating_client(world.credentials(**options))
    await _list(client)
    yield client
    await client.close()


async def _reads(world: World, count: int) -> None:
    """Waits until the secret is read for this time. The first read comes before all calls."""
    while len(world.secret.reads) < count:
        await asyncio.sleep(0.005)


async def test_no_call_fails_in_a_thousand_rotations_on_one_connection_and_nothing_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with _connected(world, minimum_interval=0.0001) as client:
        for number in range(2, 1002):
            world.rotate(f"v{number}", f"orders:{number}")
            await asyncio.gather(*(_list(client) for _ in range(30 if number < 32 else 1)))
            world.secret.promote()
        assert client.credentials.counters.refreshes == 1000
    assert len(world.cluster.peers) == 1
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("silent", ["secret", "cluster"])
async def test_the_timeout_of_a_call_ends_its_wait(world: World, silent: str) -> None:
    may_answer = threading.Event()

    def answer(_method: str, token: str, _context: grpc.ServicerContext) -> None:
        if silent == "cluster" and token == "orders:two":
            may_answer.wait()

    async with _connected(world, budget=60) as client:
        world.rotate()
        world.cluster.answer = answer
        if silent == "secret":
            world.secret.hold = may_answer
        with takes(0.9, 4), pytest.raises((grpc.RpcError, MilvusException)):
            await client.has_collection("orders", timeout=1)
        may_answer.set()


async def test_threads_and_tasks_share_one_search(world: World) -> None:
    async with _connected(world) as client:
        credentials = client.credentials
        world.rotate()
        world.secret.hold = threading.Event()
        thread = asyncio.to_thread(credentials.use, request_to("orders:two"), is_refusal)
        calls = asyncio.gather(thread, *(_list(client) for _ in range(10)))
        while credentials.counters.refused_calls < 11:
            await asyncio.sleep(0.005)
        world.secret.hold.set()
        assert (await calls)[0] == "answer"
    assert world.types().count("refreshed") == 1
    assert world.secret.reads == ["AWSCURRENT", "AWSCURRENT", "AWSPENDING"]


async def test_the_cluster_learns_of_a_cancelled_task(world: World) -> None:
    runs, is_cancelled = threading.Event(), threading.Event()

    def work(_method: str, _token: str, context: grpc.ServicerContext) -> None:
        context.add_callback(is_cancelled.set)
        runs.set()
        is_cancelled.wait()

    async with _connected(world) as client:
        world.cluster.answer = work
        task = asyncio.ensure_future(_list(client))
        assert await asyncio.to_thread(runs.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(is_cancelled.wait, 10)


async def test_a_cancelled_task_leaves_its_read_to_the_next_task(world: World) -> None:
    async with _connected(world, budget=60) as client:
        world.rotate()
        world.secret.promote()
        world.secret.hold = threading.Event()
        task = asyncio.ensure_future(_list(client))
        await _reads(world, 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        world.secret.hold.set()
        await asyncio.wait_for(_list(client), 10)
    assert world.secret.reads == ["AWSCURRENT", "AWSCURRENT"]


async def test_the_read_of_a_cancelled_task_that_has_no_answer_holds_no_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "READ_TIMEOUT", 0.5)
    credentials = world.credentials(budget=60)
    use = partial(credentials.use_async, _request_to("orders:two"), is_refusal)
    world.secret.hold = silence = threading.Event()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(use(), 0.1)
    world.secret.hold = None
    world.rotate()
    assert await asyncio.wait_for(use(), 10) == "answer"
    silence.set()


@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_a_task_that_is_cancelled_when_the_version_is_found_is_cancelled(world: World, turns: int) -> None:
    credentials = world.credentials(budget=60)
    world.secret.hold = silence = threading.Event()
    calls = [asyncio.create_task(credentials.use_async(_request_to("orders:two"), is_refusal)) for _ in range(2)]
    await _reads(world, 2)
    world.secret.hold = None
    world.secret.store("AWSCURRENT", "v2", "orders:two")
    credentials.refresh()
    for _ in range(turns):
        await asyncio.sleep(0)
    will_be_cancelled = calls[1].cancel()
    silence.set()
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert first == "answer" and isinstance(second, asyncio.CancelledError) == will_be_cancelled


async def test_tasks_that_are_cancelled_before_each_pause_ends_find_a_version(world: World) -> None:
    credentials = world.credentials(budget=60, minimum_interval=0.4)
    use = partial(credentials.use_async, _request_to("orders:two"), is_refusal)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(use(), 0.1)
    world.secret.store("AWSCURRENT", "v2", "orders:two")
    answer = None
    end = time.monotonic() + 5
    while answer is None and time.monotonic() < end:
        with suppress(asyncio.TimeoutError):
            answer = await asyncio.wait_for(use(), 0.1)
    assert answer == "answer"


def test_a_search_in_an_event_loop_that_is_left_does_not_hold_later_calls_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "READ_TIMEOUT", 0.5)
    credentials = world.credentials(endpoint=None, budget=0.5)
    world.secret.hold = threading.Event()
    loop = asyncio.new_event_loop()

    async def begin() -> "asyncio.Task[str]":
        task = asyncio.create_task(credentials.use_async(_request_to("orders:two"), is_refusal))
        await _reads(world, 2)
        return task

    task = loop.run_until_complete(begin())
    world.rotate()
    world.secret.hold.set()
    eventually(lambda: _is_answered(credentials))
    with pytest.raises(PermissionError):
        loop.run_until_complete(task)
    loop.close()


@pytest.mark.parametrize("waits_for", ["a read", "a pause"])
async def test_a_call_that_blocks_the_loop_of_the_search_finds_the_version_itself(world: World, waits_for: str) -> None:
    credentials = world.credentials(minimum_interval=1)
    if waits_for == "a pause":
        world.rotate()
        await credentials.use_async(_request_to("orders:two"), is_refusal)
        world.secret.promote()
    world.rotate("v3", "orders:three")
    task = asyncio.create_task(credentials.use_async(_request_to("orders:three"), is_refusal))
    await asyncio.sleep(0)
    # Without await in the thread of the loop, so the task cannot go on meanwhile.
    assert credentials.use(request_to("orders:three"), is_refusal) == "answer"
    assert await task == "answer"


def _is_answered(credentials: RotatingCredentials) -> bool:
    with suppress(PermissionError):
        return credentials.use(request_to("orders:two"), is_refusal) == "answer"
    return False


async def test_the_event_loop_does_not_stand_still_while_the_secret_is_silent(world: World) -> None:
    async with _connected(world, budget=60) as client:
        world.rotate()
        world.secret.hold = threading.Event()
        task = asyncio.ensure_future(_list(client))
        await _reads(world, 2)
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not task.done()
        world.secret.hold.set()
        await task


async def test_credentials_of_the_caller_stay_open_after_the_client(world: World) -> None:
    async with _connected(world):
        pass
    assert world.secret.closed == 0


async def test_credentials_that_a_cancelled_creation_reads_are_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "RotatingCredentials", lambda _secret_id: world.credentials())
    world.secret.hold = threading.Event()
    task = asyncio.ensure_future(create_async_rotating_client("milvus/orders"))
    await _reads(world, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    world.secret.hold.set()
    await asyncio.to_thread(eventually, lambda: world.secret.closed == 1)


DETAILS = SimpleNamespace(method="ShowCollections", timeout=None, metadata=None, credentials=None, wait_for_ready=None)


class _Request:
    """A request that the test follows."""


class _Answer:
    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        self._status = code, details

    async def code(self) -> grpc.StatusCode:
        return self._status[0]

    async def details(self) -> str:
        return self._status[1]


async def test_the_request_of_a_failed_call_is_freed_without_the_garbage_collector(world: World) -> None:
    async def fail(_details: Any, _request: Any) -> _Answer:
        return _Answer(grpc.StatusCode.INTERNAL, "broken")

    interceptor = AsyncRotatingInterceptor(world.credentials()._repeater, is_milvus_refusal)
    request = _Request()
    freed = weakref.ref(request)
    gc.disable()
    try:
        answer = await interceptor.intercept_unary_unary(fail, DETAILS, request)
        assert await answer.code() is grpc.StatusCode.INTERNAL
        del request
        assert freed() is None
    finally:
        gc.enable()


async def test_a_repetition_on_a_closed_channel_takes_no_version_into_use(world: World) -> None:
    credentials = world.credentials()
    world.secret.store("AWSPENDING", "v2", "orders:two")
    answers = iter([_Answer(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")])

    async def send(_details: Any, _request: Any) -> _Answer:
        for answer in answers:
            return answer
        raise grpc.aio.UsageError("Channel is closed.")

    interceptor = AsyncRotatingInterceptor(credentials._repeater, is_milvus_refusal)
    with pytest.raises(grpc.aio.UsageError):
        await interceptor.intercept_unary_unary(send, DETAILS, _Request())
    assert credentials.current.version_id == "v1" and world.types() == ["interrupted"]
