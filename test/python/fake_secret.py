"""A secret in memory, with the labels of its versions."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from zilliz_secret_client import Credential, CredentialSource, SecretStoreError, SecretVersion, Stage


class FakeSecret(CredentialSource):
    def __init__(self, value: str = "orders:one") -> None:
        self.versions: dict[Stage, SecretVersion] = {"AWSCURRENT": SecretVersion("v1", value)}
        self.reads: list[Stage] = []
        self.failures: dict[Stage, Exception] = {}
        self.hold: threading.Event | None = None
        """Reads wait for this event."""
        self.next: datetime | None = None
        self.closed = 0

    def load(self, stage: Stage) -> SecretVersion | None:
        self.reads.append(stage)
        if self.hold is not None:
            self.hold.wait()
        if stage in self.failures:
            raise self.failures[stage]
        return self.versions.get(stage)

    def next_rotation(self) -> datetime | None:
        return self.next

    def close(self) -> None:
        self.closed += 1

    def store(self, stage: Stage, version_id: str, value: str) -> None:
        self.versions[stage] = SecretVersion(version_id, value)

    def promote(self) -> None:
        """AWSPENDING becomes AWSCURRENT, as in finishSecret."""
        self.versions["AWSPREVIOUS"] = self.versions["AWSCURRENT"]
        self.versions["AWSCURRENT"] = self.versions.pop("AWSPENDING")

    def be_down(self) -> None:
        stages: tuple[Stage, ...] = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
        for stage in stages:
            self.failures[stage] = SecretStoreError("GetSecretValue", "InternalServiceError", "unavailable")


def document(endpoint: str, password: str = "one", username: str = "orders") -> str:
    return json.dumps({"endpoint": endpoint, "username": username, "password": password})


def is_refusal(error: Exception) -> bool:
    return isinstance(error, PermissionError)


def request_to(accepted: str, sent: list[str] | None = None) -> Callable[[Credential], str]:
    """A request to a cluster that accepts one token."""

    def send(credential: Credential) -> str:
        if sent is not None:
            sent.append(str(credential.token))
        if credential.token != accepted:
            raise PermissionError("refused")
        return "answer"

    return send


@contextmanager
def serve(secret: FakeSecret) -> Iterator[tuple[str, set[int]]]:
    """Serves a secret. Yields the URL, and the ports of the clients' connections."""
    connections: set[int] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            connections.add(self.client_address[1])
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            version = secret.load(request["VersionStage"]) if "VersionStage" in request else None
            answer = {"__type": "ResourceNotFoundException"}
            if version is not None:
                answer = {"VersionId": version.version_id, "SecretString": version.value}
            body = json.dumps(answer).encode()
            self.send_response(200 if version else 400)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", connections
        server.shutdown()
