import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from conftest import World
from fake_cluster import eventually
from fake_secret import FakeSecret, document, is_refusal, request_to
from zilliz_secret_client import (
    Credential,
    CredentialEvent,
    DocumentError,
    EndpointChangedError,
    RotatingCredentials,
    SecretStoreError,
)


def test_tries_the_versions_in_the_order_of_a_rotation(world: World) -> None:
    credentials = world.credentials(minimum_interval=3600)
    world.secret.store("AWSCURRENT", "v2", "orders:wrong")
    world.secret.store("AWSPENDING", "v3", "orders:pending")
    world.secret.store("AWSPREVIOUS", "v4", "orders_b:previous")
    sent: list[str] = []
    assert credentials.use(request_to("orders_b:previous", sent), is_refusal) == "answer"
    assert sent == ["orders:one", "orders:wrong", "orders:pending", "orders_b:previous"]
    assert (credentials.current.username, credentials.current.version_id) == ("orders_b", "v4")
    refreshed = world.events[1]
    assert (refreshed.stage, refreshed.cause) == ("AWSPREVIOUS", "refusal")


def test_one_search_serves_all_threads(world: World) -> None:
    credentials = world.credentials()
    world.secret.store("AWSPENDING", "v2", "orders:two")
    begin = threading.Barrier(20)

    def send(credential: Credential) -> str:
        if credential.version_id == "v1":
            begin.wait()
        return request_to("orders:two")(credential)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda _: credentials.use(send, is_refusal), range(20))) == ["answer"] * 20
    assert world.secret.reads == ["AWSCURRENT", "AWSCURRENT", "AWSPENDING"]
    counters = credentials.counters
    assert (counters.refreshes, counters.refused_calls, counters.interruptions) == (1, 20, 1)
    assert 0 < counters.longest_interruption == counters.total_interruption


@pytest.mark.parametrize(
    "failure", [DocumentError("broken"), SecretStoreError("GetSecretValue", "AccessDenied", "denied")]
)
def test_no_version_is_hidden_behind_one_that_cannot_be_used(world: World, failure: Exception) -> None:
    credentials = world.credentials()
    world.secret.failures["AWSCURRENT"] = failure
    world.secret.store("AWSPENDING", "v2", "orders:two")
    assert credentials.use(request_to("orders:two"), is_refusal) == "answer"
    assert world.events[1].type == "refresh-failed" and world.events[1].error is failure


def test_a_slow_refusal_does_not_hide_the_version_that_is_found_after_it(world: World) -> None:
    credentials = world.credentials()
    world.secret.store("AWSCURRENT", "v2", "orders:wrong")
    world.secret.store("AWSPENDING", "v3", "orders:two")

    is_found = threading.Event()

    def wait_with_v2(credential: Credential) -> str:
        if credential.version_id == "v2":
            is_found.wait(10)
        return request_to("orders:two")(credential)

    with ThreadPoolExecutor() as pool:

        def send(credential: Credential) -> str:
            if credential.version_id == "v2":
                # After half a second, the other calls stop waiting for this refusal.
                pool.submit(credentials.use, wait_with_v2, is_refusal)
                eventually(lambda: credentials.current.version_id == "v2")
            return request_to("orders:two")(credential)

        assert credentials.use(send, is_refusal) == "answer"
        assert (credentials.current.version_id, world.types()[-1]) == ("v3", "recovered")
        is_found.set()


def test_nobody_waits_for_a_probe_that_works_for_long(world: World) -> None:
    credentials = world.credentials()
    world.secret.store("AWSPENDING", "v2", "orders:two")
    works, finish = threading.Event(), threading.Event()

    def work(credential: Credential) -> str:
        answer = request_to("orders:two")(credential)
        works.set()
        finish.wait()
        return answer

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(credentials.use, work, is_refusal)
        works.wait()
        other = pool.submit(credentials.use, request_to("orders:two"), is_refusal)
        assert other.result(10) == "answer"
        assert not working.done()
        world.secret.store("AWSCURRENT", "v3", "orders:three")
        credentials.refresh()
        finish.set()
        assert working.result(10) == "answer"
    # The probe does not bring back its version.
    assert credentials.current.version_id == "v3"


def test_a_late_refusal_of_an_older_version_reads_nothing_and_begins_no_interruption(world: World) -> None:
    credentials = world.credentials()
    is_sent, refuse = threading.Event(), threading.Event()

    def send(credential: Credential) -> str:
        if credential.version_id == "v1":
            is_sent.set()
            refuse.wait(10)
        return request_to("orders:two")(credential)

    with ThreadPoolExecutor() as pool:
        late = pool.submit(credentials.use, send, is_refusal)
        assert is_sent.wait(10)
        world.secret.store("AWSCURRENT", "v2", "orders:two")
        credentials.refresh()
        refuse.set()
        assert late.result(10) == "answer"
    assert world.secret.reads == ["AWSCURRENT", "AWSCURRENT"]
    assert world.types() == ["refreshed"]


def test_an_accepted_call_that_began_before_a_refusal_ends_no_interruption(world: World) -> None:
    credentials = world.credentials(endpoint=None, minimum_interval=60)
    is_sent, answer = threading.Event(), threading.Event()

    def send(_credential: Credential) -> bool:
        is_sent.set()
        return answer.wait(10)

    with ThreadPoolExecutor() as pool:
        older = pool.submit(credentials.use, send, is_refusal)
        assert is_sent.wait(10)
        refused = pool.submit(credentials.use, request_to("orders:two"), is_refusal)
        eventually(lambda: world.types() == ["interrupted"])
        answer.set()
        assert older.result(10)
        assert world.types() == ["interrupted"]
        world.secret.store("AWSCURRENT", "v2", "orders:two")
        credentials.refresh()
        assert refused.result(10) == "answer"
    assert world.types() == ["interrupted", "refreshed", "recovered"]


def test_the_background_follows_a_rotation_before_a_call_is_refused_also_after_failures(world: World) -> None:
    credentials = world.credentials(background_interval=0.01)
    world.secret.be_down()
    eventually(lambda: world.types().count("refresh-failed") > 2)
    world.secret.failures.clear()
    world.secret.store("AWSCURRENT", "v2", "orders_b:two")
    eventually(lambda: credentials.current.token == "orders_b:two")
    events = [(event.type, event.cause) for event in world.events if event.type != "refresh-failed"]
    assert events == [("refreshed", "background")]


def test_the_background_follows_a_rotation_also_if_the_last_call_of_an_interruption_had_another_error(
    world: World,
) -> None:
    credentials = world.credentials(background_interval=0.2)
    world.secret.store("AWSPENDING", "v2", "orders:two")

    def send(credential: Credential) -> str:
        request_to("orders:two")(credential)
        raise LookupError("no such collection")

    with pytest.raises(LookupError):
        credentials.use(send, is_refusal)
    world.secret.store("AWSCURRENT", "v3", "orders:three")
    eventually(lambda: credentials.current.version_id == "v3", 5)


def test_the_background_takes_no_refused_version_again(world: World) -> None:
    credentials = world.credentials(background_interval=0.01)
    world.secret.store("AWSPENDING", "v2", "orders:two")
    credentials.use(request_to("orders:two"), is_refusal)
    reads = len(world.secret.reads)
    eventually(lambda: len(world.secret.reads) > reads + 3)
    assert credentials.current.version_id == "v2"


@pytest.mark.parametrize(
    ("hours", "least", "most"),
    [(None, 1440, 1800), (0.5, 720, 900), (0.001, 48, 60), (-1, 1440, 1800), (48, 1440, 1800)],
)
def test_the_background_reads_half_way_to_the_next_rotation(
    world: World, hours: float | None, least: float, most: float
) -> None:
    credentials = world.credentials()
    world.secret.next = None if hours is None else datetime.now(timezone.utc) + timedelta(hours=hours)
    assert least - 1 <= credentials._reader.background_delay(1800) <= most + 1


@pytest.mark.parametrize("date", [datetime.min, datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))])
def test_the_background_reads_in_its_interval_if_the_next_rotation_is_no_date_in_utc(
    world: World, date: datetime
) -> None:
    credentials = world.credentials()
    world.secret.next = date
    assert 1440 <= credentials._reader.background_delay(1800) <= 1800


def test_refresh_takes_a_version_that_the_cluster_refused_while_it_was_pending(world: World) -> None:
    credentials = world.credentials()
    world.secret.store("AWSPENDING", "v2", "orders_b:two")
    answers = iter(["", "", "orders:one"])
    assert credentials.use(lambda credential: request_to(next(answers))(credential), is_refusal) == "answer"
    world.secret.store("AWSCURRENT", "v2", "orders_b:two")
    assert credentials.refresh().version_id == "v2"


def test_refresh_ends_the_pause_of_refused_calls(world: World) -> None:
    credentials = world.credentials(minimum_interval=3600, budget=3600)
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(credentials.use, request_to("orders:two"), is_refusal) for _ in range(3)]
        eventually(lambda: len(world.secret.reads) == 4)
        world.secret.store("AWSCURRENT", "v2", "orders:two")
        assert credentials.refresh().version_id == "v2"
        assert [call.result(10) for call in calls] == ["answer"] * 3


def test_a_call_gets_the_endpoint_of_the_option(world: World) -> None:
    world.secret.store("AWSCURRENT", "v1", document("https://milvus.test"))
    credentials = world.credentials(endpoint="https://proxy.test")
    assert credentials.use(lambda credential: credential.endpoint, is_refusal) == "https://proxy.test"


def test_other_letters_and_a_slash_are_the_same_endpoint_and_another_host_is_refused(world: World) -> None:
    world.secret.store("AWSCURRENT", "v1", document("https://milvus.test"))
    credentials = world.credentials(endpoint=None)
    world.secret.store("AWSCURRENT", "v2", document("https://MILVUS.test:443/", "two"))
    assert credentials.refresh().token == "orders:two"
    world.secret.store("AWSCURRENT", "v3", document("https://other.test", "three"))
    with pytest.raises(EndpointChangedError):
        credentials.refresh()


def test_the_listener_of_an_application_fails_no_call() -> None:
    secret = FakeSecret()

    def listen(_event: object) -> None:
        raise OSError("a full disk")

    with RotatingCredentials(source=secret, on_event=listen) as credentials:
        secret.store("AWSCURRENT", "v2", "orders:two")
        assert credentials.use(request_to("orders:two"), is_refusal) == "answer"


def test_a_slow_listener_delays_no_other_call() -> None:
    secret = FakeSecret()
    may_end = threading.Event()
    begin = threading.Barrier(5)

    def listen(event: CredentialEvent) -> None:
        if event.type == "refreshed":
            may_end.wait()

    def send(credential: Credential) -> str:
        if credential.version_id == "v1":
            begin.wait()
        return request_to("orders:two")(credential)

    with RotatingCredentials(source=secret, on_event=listen) as credentials, ThreadPoolExecutor(5) as pool:
        secret.store("AWSCURRENT", "v2", "orders:two")
        calls = [pool.submit(credentials.use, send, is_refusal) for _ in range(5)]
        try:
            eventually(lambda: sum(call.done() for call in calls) == 4)
        finally:
            may_end.set()
        assert [call.result(10) for call in calls] == ["answer"] * 5


def test_a_source_that_has_no_version_at_the_start_is_closed() -> None:
    secret = FakeSecret()
    secret.versions.clear()
    with pytest.raises(DocumentError):
        RotatingCredentials(source=secret)
    assert secret.closed == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, TypeError),
        ({"secret_id": "a", "source": FakeSecret()}, TypeError),
        ({"source": FakeSecret(), "budget": 0}, ValueError),
        ({"source": FakeSecret(), "minimum_interval": float("nan")}, ValueError),
        ({"source": FakeSecret("an-api-key")}, DocumentError),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        RotatingCredentials(**options)  # type: ignore[arg-type]
