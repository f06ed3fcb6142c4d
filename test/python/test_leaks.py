"""No repr, traceback or log shows a secret."""

import asyncio
import base64
import io
import logging
import traceback
from collections.abc import Callable

import grpc
import pymilvus
import pytest
from conftest import World
from fake_secret import document
from rich.console import Console
from rich.traceback import Traceback
from zilliz_secret_client import RotatingCredentials, create_async_rotating_client, create_rotating_client

START = "Pa-ss_w0rd.never~shown"
# Longer than what reporters of errors show of a text.
PASSWORD = START * 3
FORMS = [START, base64.b64encode(f"orders:{START}".encode()).decode()[:32]]


def _list(credentials: RotatingCredentials, world: World) -> None:
    client = create_rotating_client(credentials)
    world.cluster.accepted = set()
    client.list_collections()


def _list_async(credentials: RotatingCredentials, world: World) -> None:
    async def main() -> None:
        client = await create_async_rotating_client(credentials)
        await client.list_collections()
        world.cluster.accepted = set()
        await client.list_collections()

    asyncio.run(main())


# pymilvus has no AsyncMilvusClient before 2.4.11, and in 2.5.0.
@pytest.mark.parametrize("call", [_list, _list_async] if hasattr(pymilvus, "AsyncMilvusClient") else [_list])
def test_a_refused_call_shows_no_secret(
    world: World, caplog: pytest.LogCaptureFixture, call: Callable[[RotatingCredentials, World], None]
) -> None:
    caplog.set_level(logging.DEBUG)
    world.cluster.accepted = {f"orders:{PASSWORD}"}
    world.secret.store("AWSCURRENT", "v1", document(world.cluster.endpoint, PASSWORD))
    credentials = world.credentials(endpoint=None, budget=0.1)
    world.secret.store("AWSPENDING", "v2", f'{{"password":"{PASSWORD}"')
    with pytest.raises(grpc.RpcError) as raised:
        call(credentials, world)
    printed = _with_locals(raised.value)
    assert "list_collections" in printed
    printed += f"{raised.value!r} {world.events} {credentials.current} {vars(credentials)} {caplog.text}"
    for form in FORMS:
        assert form not in printed


def _with_locals(error: BaseException) -> str:
    """What `traceback`, and reporters such as rich and Sentry, show of an error."""
    # The first frame is the test, which has the world.
    trace = error.__traceback__ and error.__traceback__.tb_next
    plain = traceback.StackSummary.extract(traceback.walk_tb(trace), capture_locals=True).format()
    rich = io.StringIO()
    Console(file=rich, width=10_000).print(Traceback.from_exception(type(error), error, trace, show_locals=True))
    return "".join(plain) + rich.getvalue()
