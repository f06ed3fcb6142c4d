from collections.abc import Iterator
from typing import Any

from conftest import World
from fake_collection import BATCH, FakeCollection
from pymilvus import Collection, MilvusClient


def _pages(iterator: Any) -> Iterator[Any]:
    while page := iterator.next():
        yield page
    iterator.close()


def _query_iterator(client: MilvusClient) -> Any:
    # MilvusClient has iterators since pymilvus 2.5. Before, only Collection has.
    if hasattr(client, "query_iterator"):
        return client.query_iterator("orders", batch_size=BATCH, output_fields=["id"])
    return Collection("orders", using=client._using).query_iterator(batch_size=BATCH, output_fields=["id"])


def _search_iterator(client: MilvusClient) -> Any:
    search = {"data": [[0.1, 0.2]], "batch_size": BATCH, "limit": 6}
    if hasattr(client, "search_iterator"):
        return client.search_iterator("orders", anns_field="vector", search_params={"metric_type": "L2"}, **search)
    collection = Collection("orders", using=client._using)
    return collection.search_iterator(anns_field="vector", param={"metric_type": "L2"}, **search)


def test_a_query_iterator_loses_no_row_if_the_password_changes_between_two_pages(world: World) -> None:
    FakeCollection(world.cluster, size=6)
    client = world.client()
    found = []
    for number, page in enumerate(_pages(_query_iterator(client)), 2):
        found += [row["id"] for row in page]
        world.rotate(f"v{number}", f"orders:{number}")
        world.secret.promote()
    assert found == [1, 2, 3, 4, 5, 6]
    sent = world.cluster.tokens_of("Query")[-6:]
    assert sent == ["orders:one", "orders:2", "orders:2", "orders:3", "orders:3", "orders:4"]
    assert client.credentials.counters.refreshes == 3


def test_a_search_iterator_loses_no_hit_if_the_password_changes_between_two_pages(world: World) -> None:
    FakeCollection(world.cluster, size=6)
    client = world.client()
    found = []
    for page in _pages(_search_iterator(client)):
        found += page.ids()
        if len(found) == BATCH:
            world.rotate()
    assert found == [1, 2, 3, 4, 5, 6]
    sent = world.cluster.tokens_of("Search")
    assert sent.index("orders:two") < len(sent) - 1 and client.credentials.counters.refused_calls == 1


def test_an_insert_of_many_rows_that_is_refused_is_executed_once(world: World) -> None:
    collection = FakeCollection(world.cluster, size=0)
    client = world.client()

    def rotate_before(method: str, token: str, _context: object) -> None:
        if method == "Insert" and token == "orders:one":
            world.rotate()

    world.cluster.answer = rotate_before
    rows = [{"id": number, "vector": [0.1, 0.2]} for number in range(20_000)]
    assert client.insert("orders", rows)["insert_count"] == 20_000
    assert world.cluster.tokens_of("Insert") == ["orders:one", "orders:two"]
    assert [request.num_rows for request in collection.inserts] == [20_000]
