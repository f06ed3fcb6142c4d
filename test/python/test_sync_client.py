import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from conftest import World
from fake_cluster import eventually
from pymilvus import MilvusClient
from zilliz_secret_client import create_rotating_client, hook


def test_is_a_milvus_client_whose_token_is_no_secret(world: World) -> None:
    client = world.client({"db_name": "sales"})
    assert isinstance(client, MilvusClient)
    assert client.list_collections() == []
    assert world.cluster.tokens_of("ShowCollections") == ["orders:one"]
    assert "orders:one" not in repr(vars(client)) + repr(client)


def test_no_call_fails_in_a_thousand_rotations_which_leave_one_connection_and_no_thread(world: World) -> None:
    client = world.client(minimum_interval=0.0001)
    threads = threading.active_count()
    with ThreadPoolExecutor(10) as pool:
        for number in range(2, 1002):
            world.rotate(f"v{number}", f"orders:{number}")
            list(pool.map(lambda _: client.has_collection("orders"), range(30 if number < 32 else 1)))
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


def test_a_recovered_call_leaves_no_error_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = world.client()
    world.rotate()
    client.list_collections()
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "refreshed" in caplog.text
    assert world.types() == ["interrupted", "refreshed", "recovered"]


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


def test_clients_of_two_threads_have_one_token_which_is_gone_when_the_credentials_are_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = world.credentials()
    together = threading.Barrier(2)
    install = hook._install

    def install_together() -> None:
        together.wait()
        install()

    monkeypatch.setattr(hook, "_install", install_together)
    with ThreadPoolExecutor(2) as pool:
        given = list(pool.map(lambda _number: credentials.connection_args()["token"], range(2)))
    credentials.close()
    assert given[0] == given[1] and given[0] not in hook._INTERCEPTORS


def test_closed_credentials_give_no_token(world: World) -> None:
    credentials = world.credentials()
    credentials.close()
    before = len(hook._INTERCEPTORS)
    with pytest.raises(RuntimeError, match="closed"):
        create_rotating_client(credentials)
    assert len(hook._INTERCEPTORS) == before
