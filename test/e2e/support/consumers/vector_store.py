"""Searches a vector store of a framework again and again, with both of its clients.

Prints ok, or the failure.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "python"))

from zilliz_secret_client import RotatingCredentials

TEXTS = ["a red apple", "a yellow banana"]

Searches = tuple[Callable[[], list[str]], Callable[[], Awaitable[list[str]]]]


def langchain(arguments: dict[str, str], collection: str) -> Searches:
    from langchain_core.embeddings import DeterministicFakeEmbedding
    from langchain_milvus import Milvus

    store = Milvus.from_texts(
        TEXTS,
        DeterministicFakeEmbedding(size=8),
        connection_args=arguments,
        collection_name=collection,
        consistency_level="Strong",
    )

    async def search() -> list[str]:
        return [document.page_content for document in await store.asimilarity_search("a red apple", k=1)]

    return lambda: [document.page_content for document in store.similarity_search("a red apple", k=1)], search


def llama_index(arguments: dict[str, str], collection: str) -> Searches:
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores.types import VectorStoreQuery
    from llama_index.vector_stores.milvus import MilvusVectorStore

    store = MilvusVectorStore(**arguments, dim=2, collection_name=collection, consistency_level="Strong")
    vectors = ([1.0, 0.0], [0.0, 1.0])
    store.add([TextNode(text=text, embedding=vector) for text, vector in zip(TEXTS, vectors, strict=True)])

    query = VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=1)

    async def search() -> list[str]:
        return [node.get_content() for node in (await store.aquery(query)).nodes or []]

    return lambda: [node.get_content() for node in store.query(query).nodes or []], search


async def main(framework: str, secret_id: str, ca_file: str) -> None:
    credentials = RotatingCredentials(secret_id)
    arguments = {**credentials.connection_args(), "server_pem_path": ca_file}
    create = {"langchain": langchain, "llama_index": llama_index}[framework]
    search, search_async = create(arguments, f"{framework}_{time.time_ns()}")
    print("ready", flush=True)
    while True:
        try:
            found = [search(), await search_async()]
            print("ok\n" if found == [TEXTS[:1]] * 2 else f"failed {found}\n", end="", flush=True)
        except Exception as error:
            print(f"failed {error!r}\n", end="", flush=True)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
