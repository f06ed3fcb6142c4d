import logging
import os
import threading
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from fake_secret import FakeSecret, serve
from zilliz_secret_client import SecretsManagerSource, SecretStoreError


class FakeSecretsManager:
    """Answers as a client of boto3 does."""

    def __init__(self) -> None:
        self.values = {"AWSCURRENT": "orders:one"}
        self.errors: dict[str, Exception] = {}
        self.requests: list[str] = []

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:
        self.requests.append(VersionStage)
        self._fail(VersionStage)
        if VersionStage not in self.values:
            raise client_error("ResourceNotFoundException")
        return {"VersionId": f"id of {SecretId}", "SecretString": self.values[VersionStage]}

    def describe_secret(self, *, SecretId: str) -> dict[str, Any]:
        self.requests.append(f"describe {SecretId}")
        self._fail("describe")
        return {"NextRotationDate": datetime(2030, 1, 1, tzinfo=timezone.utc)}

    def _fail(self, what: str) -> None:
        if what in self.errors:
            raise self.errors[what]


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a reason"}}, "GetSecretValue")


def test_loads_a_version_and_the_date_of_the_next_rotation() -> None:
    source = SecretsManagerSource("milvus/orders", FakeSecretsManager())
    version = source.load("AWSCURRENT")
    assert version is not None and (version.version_id, version.value) == ("id of milvus/orders", "orders:one")
    assert source.load("AWSPENDING") is None
    assert source.next_rotation() == datetime(2030, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (client_error("AccessDeniedException"), "denied"),
        (client_error("ResourceNotFoundException"), "refused"),
        (client_error("ThrottlingException"), "unavailable"),
        (ReadTimeoutError(endpoint_url="https://secretsmanager.test"), "unavailable"),
    ],
)
def test_names_the_kind_of_a_failure(error: Exception, kind: str) -> None:
    service = FakeSecretsManager()
    service.errors["AWSCURRENT"] = error
    with pytest.raises(SecretStoreError) as raised:
        SecretsManagerSource("milvus/orders", service).load("AWSCURRENT")
    assert raised.value.kind == kind and raised.value.__cause__ is error


def test_asks_once_for_what_the_role_may_not_read() -> None:
    service = FakeSecretsManager()
    service.errors = {
        "AWSPREVIOUS": client_error("AccessDeniedException"),
        "describe": client_error("AccessDeniedException"),
    }
    source = SecretsManagerSource("milvus/orders", service)
    for _ in range(3):
        assert source.load("AWSPREVIOUS") is None and source.next_rotation() is None
    assert service.requests == ["AWSPREVIOUS", "describe milvus/orders"]


def test_asks_again_after_a_moment_in_which_the_credentials_of_the_role_had_expired() -> None:
    service = FakeSecretsManager()
    service.values["AWSPREVIOUS"] = "orders:zero"
    service.errors = dict.fromkeys(("AWSPREVIOUS", "describe"), client_error("ExpiredTokenException"))
    source = SecretsManagerSource("milvus/orders", service)
    with pytest.raises(SecretStoreError):
        source.load("AWSPREVIOUS")
    assert source.next_rotation() is None
    service.errors.clear()
    assert source.load("AWSPREVIOUS") is not None and source.next_rotation() is not None


def test_a_forked_process_uses_no_connection_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(FakeSecret()) as (url, connections):
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "key"}
        client = boto3.client("secretsmanager", region_name="us-west-2", endpoint_url=url, **keys)
        source = SecretsManagerSource("milvus/orders", client)
        for process, expected in ((1, 1), (1, 1), (2, 2), (2, 2)):
            monkeypatch.setattr(os, "getpid", lambda process=process: process)
            assert source.load("AWSCURRENT") is not None
            assert len(connections) == expected
        client.close()


def test_the_debug_log_of_botocore_hides_only_the_answers_to_this_package(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    SecretsManagerSource("milvus/orders", FakeSecretsManager())
    log = logging.getLogger("botocore.parsers")
    caplog.set_level(logging.DEBUG)
    # Then records do not name their thread.
    monkeypatch.setattr(logging, "logThreads", False)
    reader = threading.Thread(target=log.debug, args=["orders:Pa-ss_w0rd"], name="zilliz-secret-client-reader")
    reader.start()
    reader.join()
    log.debug("an answer to the application")
    assert caplog.messages == ["an answer to the application"]


def test_takes_the_region_of_the_variable_that_ecs_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    # Else botocore asks 169.254.169.254 for credentials.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "eu-central-2")
    assert SecretsManagerSource("milvus/orders")._client().meta.region_name == "eu-central-2"
