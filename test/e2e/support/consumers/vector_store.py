"""Searches a vector store of a framework again and again. Prints ok, or the failure."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "python"))

from zilliz_secret_client import RotatingCredentials

TEXTS = ["a red apple", "a yellow banana"]


def langchain(arguments: dict[str, str], collection: str) -> Callable[[], list[str]]:
    from langchain_core.embeddings import DeterministicFakeEmbedding
    from langchain_milvus import Milvus

    store = Milvus.from_texts(
        TEXTS,
        DeterministicFakeEmbedding(size=8),
        connection_args=arguments,
        collection_name=collection,
        consistency_level="Strong",
    )
    return lambda: [document.page_content for document in store.similarity_search("a red apple", k=1)]


def llama_index(arguments: dict[str, str], collection: str) -> Callable[[], list[str]]:
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores.types import VectorStoreQuery
    from llama_index.vector_stores.milvus import MilvusVectorStore

    store = MilvusVectorStore(
        **arguments, dim=2, collection_name=collection, consistency_level="Strong", use_async_client=False
    )
    vectors = ([1.0, 0.0], [0.0, 1.0])
    store.add([TextNode(text=text, embedding=vector) for text, vector in zip(TEXTS, vectors, strict=True)])

    def search() -> list[str]:
        result = store.query(VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=1))
        return [node.get_content() for node in result.nodes or []]

    return search


def main(framework: str, secret_id: str, ca_file: str) -> None:
    credentials = RotatingCredentials(secret_id)
    arguments = {**credentials.connection_args(), "server_pem_path": ca_file}
    search = {"langchain": langchain, "llama_index": llama_index}[framework](arguments, f"{framework}_{time.time_ns()}")
    print("ready", flush=True)
    while True:
        try:
            found = search()
            print("ok\n" if found == TEXTS[:1] else f"failed {found}\n", end="", flush=True)
        except Exception as error:
            print(f"failed {error!r}\n", end="", flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
