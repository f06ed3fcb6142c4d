import base64
import logging
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from conftest import World
from fake_cluster import eventually
from fake_secret import document
from pymilvus import MilvusClient
from zilliz_secret_client import create_rotating_client

PASSWORD = "Pa-ss_w0rd.never~shown"


def test_is_a_milvus_client_whose_token_is_no_secret(world: World) -> None:
    client = world.client({"db_name": "sales"})
    assert isinstance(client, MilvusClient)
    assert client.list_collections() == []
    assert world.cluster.tokens_of("ShowCollections") == ["orders:one"]
    assert "orders:one" not in repr(vars(client)) + repr(client)


def test_repeats_a_refused_call_with_the_pending_version(world: World) -> None:
    client = world.client()
    world.rotate()
    client.list_collections()
    client.list_collections()
    assert world.cluster.tokens_of("ShowCollections") == ["orders:one", "orders:two", "orders:two"]
    assert world.types() == ["interrupted", "refreshed", "recovered"]


def test_connects_during_a_rotation(world: World) -> None:
    world.rotate()
    world.client().list_collections()
    assert world.cluster.tokens_of("Connect")[:2] == ["orders:one", "orders:two"]


def test_no_call_of_ten_threads_fails_in_thirty_rotations(world: World) -> None:
    client = world.client()
    with ThreadPoolExecutor(10) as pool:
        for number in range(2, 32):
            world.rotate(f"v{number}", f"orders:{number}")
            list(pool.map(lambda _: client.list_collections(), range(30)))
            world.secret.promote()
    assert client.credentials.counters.refreshes == 30


def test_a_thousand_rotations_leave_one_connection_and_no_thread(world: World) -> None:
    client = world.client(minimum_interval=0.0001)
    threads = threading.active_count()
    for number in range(2, 1002):
        world.rotate(f"v{number}", f"orders:{number}")
        client.has_collection("orders")
        world.secret.promote()
    assert client.credentials.counters.refreshes == 1000
    assert len(world.cluster.peers) == 1
    # The server of this test has threads of its own.
    eventually(lambda: threading.active_count() <= threads + 45)


@pytest.mark.parametrize(
    ("code", "details"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "Jwt is missing"),
        (grpc.StatusCode.UNAUTHENTICATED, "authentication failed"),
        (grpc.StatusCode.UNAUTHENTICATED, ""),
        (grpc.StatusCode.PERMISSION_DENIED, "no privilege"),
        (grpc.StatusCode.INVALID_ARGUMENT, "auth check failure"),
    ],
)
def test_every_other_error_passes_through(world: World, code: grpc.StatusCode, details: str) -> None:
    client = world.client()
    world.secret.store("AWSPENDING", "v2", "orders:two")
    world.cluster.answer = lambda _method, _token, context: context.abort(code, details)
    with pytest.raises(grpc.RpcError) as raised:
        client.list_collections()
    assert raised.value.code() is code
    assert (world.cluster.tokens_of("ShowCollections"), world.secret.reads) == (["orders:one"], ["AWSCURRENT"])


def test_another_refusal_may_be_named(world: World) -> None:
    client = world.client(is_refusal=lambda _code, details: details == "key expired")

    def answer(_method: str, token: str, context: grpc.ServicerContext) -> None:
        if token == "orders:one":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "key expired")

    world.rotate()
    world.cluster.answer = answer
    client.list_collections()
    assert world.cluster.tokens_of("ShowCollections") == ["orders:one", "orders:two"]


def test_a_test_for_refusals_that_fails_changes_no_error(world: World) -> None:
    def fail(_code: grpc.StatusCode, _details: str) -> bool:
        raise KeyError("a bug of the application")

    client = world.client(is_refusal=fail)
    world.cluster.accepted = set()
    with pytest.raises(grpc.RpcError):
        client.list_collections()


def test_the_timeout_of_a_call_ends_its_wait(world: World) -> None:
    client = world.client(budget=60)
    world.cluster.accepted = set()
    world.secret.hold = threading.Event()
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as raised:
        client.has_collection("orders", timeout=1)
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert 0.9 < time.monotonic() - began < 4
    world.secret.hold.set()


def test_calls_go_on_from_memory_while_the_secret_is_silent_or_down(world: World) -> None:
    client = world.client(background_interval=0.01)
    world.secret.hold = threading.Event()
    eventually(lambda: len(world.secret.reads) > 1)
    began = time.monotonic()
    for _ in range(50):
        client.list_collections()
    assert time.monotonic() - began < 4
    world.secret.be_down()
    world.secret.hold.set()
    eventually(lambda: world.types().count("refresh-failed") > 2)
    client.list_collections()
    assert client.credentials.counters.refused_calls == 0


def test_a_recovered_call_leaves_no_error_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = world.client()
    world.rotate()
    client.list_collections()
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "refreshed" in caplog.text


def test_a_future_is_repeated_too(world: World) -> None:
    client = world.client()
    stub = _stub(client)
    world.rotate()
    done = threading.Event()
    future = stub.ShowCollections.future(_request())
    future.add_done_callback(lambda _future: done.set())
    assert done.wait(10)
    assert future.result() is not None and future.exception() is None and future.code() is grpc.StatusCode.OK
    assert future.done() and not future.cancelled() and not future.running()
    assert world.cluster.tokens_of("ShowCollections") == ["orders:one", "orders:two"]


def test_a_future_can_be_waited_for_and_cancelled(world: World) -> None:
    client = world.client(budget=3600)
    stub = _stub(client)
    world.cluster.accepted = set()
    world.secret.hold = threading.Event()
    future = stub.ShowCollections.future(_request())
    with pytest.raises(grpc.FutureTimeoutError):
        future.result(timeout=0.1)
    future.cancel()
    world.secret.hold.set()
    assert isinstance(future.exception(timeout=10), grpc.RpcError)


def test_an_api_key_works(world: World) -> None:
    def key(text: str) -> str:
        return f'{{"endpoint":"{world.cluster.endpoint}","apiKeyId":"key-{text}","apiKey":"{text}","token":"{text}"}}'

    world.cluster.accepted = {"one"}
    world.secret.store("AWSCURRENT", "v1", key("one"))
    client = world.client(endpoint=None)
    world.rotate("v2", key("two"))
    world.cluster.accepted = {"two"}
    client.list_collections()
    assert world.cluster.tokens_of("ShowCollections") == ["one", "two"]


def test_a_refusal_shows_no_secret_in_its_traceback_and_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world.cluster.accepted = {f"orders:{PASSWORD}"}
    world.secret.store("AWSCURRENT", "v1", document(world.cluster.endpoint, PASSWORD))
    client = world.client(endpoint=None, budget=0.1)
    world.cluster.accepted = set()
    world.secret.store("AWSCURRENT", "v2", f'{{"password":"{PASSWORD}"')
    with pytest.raises(grpc.RpcError) as raised:
        client.list_collections()
    # The first frame is this test, which has the world.
    frames = list(traceback.walk_tb(raised.value.__traceback__))[1:]
    text = "".join(traceback.StackSummary.extract(frames, capture_locals=True).format())
    printed = f"{text} {raised.value!r} {world.events} {client.credentials.current} {vars(client)} {caplog.text}"
    assert "list_collections" in text
    for form in forms_of(PASSWORD):
        assert form not in printed


def forms_of(password: str) -> list[str]:
    return [password, base64.b64encode(f"orders:{password}".encode()).decode()]


def test_a_closed_client_has_no_connection(world: World) -> None:
    client = world.client()
    client.list_collections()
    client.close()
    with pytest.raises(Exception, match=r"."):
        client.list_collections()


@pytest.mark.parametrize("option", ["uri", "token", "user", "password"])
def test_an_option_that_the_secret_decides_is_refused(world: World, option: str) -> None:
    with pytest.raises(TypeError, match=option):
        create_rotating_client(world.credentials(), **{option: "x"})


def _stub(client: MilvusClient) -> grpc.Channel:
    return client._get_connection()._stub


def _request() -> object:
    from pymilvus.grpc_gen import milvus_pb2

    return milvus_pb2.ShowCollectionsRequest()
