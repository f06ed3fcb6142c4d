"""Clients of pymilvus whose credential rotates in AWS Secrets Manager."""

from .clients import RotatingMilvusClient, create_async_rotating_client, create_rotating_client
from .credential import Credential, DocumentError, SecretVersion, read_credential
from .credentials import RotatingCredentials
from .endpoint import EndpointError
from .events import CredentialCounters, CredentialEvent, Stage
from .reader import EndpointChangedError
from .source import CredentialSource, SecretsManagerSource, SecretStoreError

__all__ = [
    "Credential",
    "CredentialCounters",
    "CredentialEvent",
    "CredentialSource",
    "DocumentError",
    "EndpointChangedError",
    "EndpointError",
    "RotatingCredentials",
    "RotatingMilvusClient",
    "SecretStoreError",
    "SecretVersion",
    "SecretsManagerSource",
    "Stage",
    "create_async_rotating_client",
    "create_rotating_client",
    "read_credential",
]
