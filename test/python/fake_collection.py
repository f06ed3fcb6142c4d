"""A collection with the ids 1 to `size`, and the messages of Milvus about it."""

import re
from typing import Any

from fake_cluster import FakeCluster
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

BATCH = 2


class FakeCollection:
    """Each page holds the next ids. Only an accepted call takes a page."""

    def __init__(self, cluster: FakeCluster, size: int) -> None:
        self.size = size
        self.inserts: list[Any] = []
        """The requests that the cluster has executed."""
        self._searched = 0
        cluster.messages = {
            "DescribeCollection": lambda _request: _description().SerializeToString(),
            "Query": lambda request: self._query(request).SerializeToString(),
            "Search": lambda request: self._search(request).SerializeToString(),
            "Insert": lambda request: self._insert(request).SerializeToString(),
        }

    def _query(self, request: bytes) -> Any:
        expression = milvus_pb2.QueryRequest.FromString(request).expr
        after = re.search(r"id > (\d+)", expression)
        answer = milvus_pb2.QueryResults()
        field = answer.fields_data.add(field_name="id", type=schema_pb2.Int64, field_id=100)
        field.scalars.long_data.data.extend(self._ids_after(int(after.group(1)) if after else 0))
        return answer

    def _search(self, request: bytes) -> Any:
        parameters = {pair.key: pair.value for pair in milvus_pb2.SearchRequest.FromString(request).search_params}
        is_probe = parameters.get("search_iter_batch_size") == "1"
        ids = self._ids_after(self._searched)
        answer = milvus_pb2.SearchResults()
        results = answer.results
        results.num_queries, results.top_k = 1, len(ids)
        results.ids.int_id.data.extend(ids)
        results.scores.extend(float(number) for number in ids)
        results.topks.append(len(ids))
        if hasattr(results, "search_iterator_v2_results"):
            results.search_iterator_v2_results.token = "token"
        if not is_probe:
            self._searched += len(ids)
        return answer

    def _insert(self, request: bytes) -> Any:
        insert = milvus_pb2.InsertRequest.FromString(request)
        self.inserts.append(insert)
        answer = milvus_pb2.MutationResult(insert_cnt=insert.num_rows)
        answer.IDs.int_id.data.extend(insert.fields_data[0].scalars.long_data.data)
        return answer

    def _ids_after(self, last: int) -> list[int]:
        return list(range(last + 1, min(last + BATCH, self.size) + 1))


def _description() -> Any:
    answer = milvus_pb2.DescribeCollectionResponse(collectionID=1, collection_name="orders")
    answer.schema.name = "orders"
    answer.schema.fields.add(fieldID=100, name="id", is_primary_key=True, data_type=schema_pb2.Int64)
    vector = answer.schema.fields.add(fieldID=101, name="vector", data_type=schema_pb2.FloatVector)
    vector.type_params.add(key="dim", value="2")
    return answer
