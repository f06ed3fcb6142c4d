"""Where credentials come from: AWS Secrets Manager, or a source of the application."""

import logging
import os
import threading
from datetime import datetime
from typing import Any, Literal, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .credential import HiddenText, SecretVersion
from .events import Stage

_NOT_ALLOWED = "AccessDeniedException"
"""The role lacks a permission. The other failures, as of expired credentials, may end."""

_DENIED = {_NOT_ALLOWED, "DecryptionFailure", "UnrecognizedClientException", "ExpiredTokenException"}
_REFUSED = {"ResourceNotFoundException", "InvalidRequestException", "InvalidParameterException"}

READER_THREAD = "zilliz-secret-client-reader"
"""The name of the threads that read secrets."""


class SecretStoreError(Exception):
    """The secret cannot be read. Only the kind `unavailable` may end by itself."""

    def __init__(self, action: str, code: str, kind: Literal["unavailable", "denied", "refused"]) -> None:
        super().__init__(f"{action} failed with {code}: the secret is {kind}.")
        self.action = action
        self.code = code
        self.kind = kind


class CredentialSource(Protocol):
    """Where the credentials come from. Subclass it for Vault, for a file or for a test.

    The methods run in threads of this package, one after the other or at the same time.
    """

    def load(self, stage: Stage) -> SecretVersion | None:
        """Returns the version with a label, or None. Without labels, there is only AWSCURRENT."""
        ...

    def next_rotation(self) -> datetime | None:
        """The time of the next rotation, if it is known. The secret is read before that time."""
        return None

    def close(self) -> None:
        """Called once, when the credentials are closed."""
        return


class SecretsManagerSource(CredentialSource):
    """Loads versions from AWS Secrets Manager."""

    def __init__(self, secret_id: str, client: Any = None) -> None:
        """Without a client of boto3, the source makes one with the region of the environment."""
        logging.getLogger("botocore.parsers").addFilter(_hide_answers)
        self._secret_id = secret_id
        self._boto = client
        self._is_given = client is not None
        self._pid = os.getpid() if self._is_given else 0
        # The role of an application may lack these two permissions.
        self._may_see_schedule = True
        self._may_see_previous = True

    def load(self, stage: Stage) -> SecretVersion | None:
        if stage == "AWSPREVIOUS" and not self._may_see_previous:
            return None
        try:
            answer = self._client().get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except (ClientError, BotoCoreError) as error:
            failure = _store_error("GetSecretValue", error)
            # RotateSecret puts AWSPENDING on a version without a value.
            if stage != "AWSCURRENT" and failure.code == "ResourceNotFoundException":
                return None
            if stage == "AWSPREVIOUS" and failure.code == _NOT_ALLOWED:
                self._may_see_previous = False
                return None
            raise failure from error
        return SecretVersion(answer["VersionId"], HiddenText(answer.get("SecretString", "")))

    def next_rotation(self) -> datetime | None:
        if not self._may_see_schedule:
            return None
        try:
            answer = self._client().describe_secret(SecretId=self._secret_id)
        except (ClientError, BotoCoreError) as error:
            self._may_see_schedule = _store_error("DescribeSecret", error).code != _NOT_ALLOWED
            return None
        date = answer.get("NextRotationDate")
        return date if isinstance(date, datetime) else None

    def _client(self) -> Any:
        if self._pid != os.getpid():
            # The child of a fork must not use the connections of its parent.
            if self._is_given:
                self._boto.close()
            else:
                self._boto = _new_client()
            self._pid = os.getpid()
        return self._boto


def _new_client() -> Any:
    config = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
    session = boto3.session.Session()
    # boto3 does not know the variable that ECS, EKS and the other SDKs of AWS use.
    region = session.region_name or os.environ.get("AWS_REGION")
    return session.client("secretsmanager", region_name=region, config=config)


def _hide_answers(_record: logging.LogRecord) -> bool:
    """botocore writes each answer to its debug log. Ours hold the secret."""
    return threading.current_thread().name != READER_THREAD


def _store_error(action: str, error: Exception) -> SecretStoreError:
    code = type(error).__name__
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", code)
    return SecretStoreError(
        action, code, "denied" if code in _DENIED else "refused" if code in _REFUSED else "unavailable"
    )
