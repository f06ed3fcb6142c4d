"""A secret in memory, with the labels of its versions."""

import json
import threading
from collections.abc import Callable
from datetime import datetime

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
