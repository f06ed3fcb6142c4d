"""Secrets and versions as ministack keeps them, so that its persistence, reset and accounts keep working.

A secret is a dictionary with ARN, Name, Versions ...; a version is {SecretString, SecretBinary, CreatedDate, Stages}.
Keys that start with an underscore are this package's own.
"""

import copy
from typing import Any

from ministack.core.arn import Arn, parse_arn
from ministack.services import secretsmanager as sm

from .clock import clock
from .errors import invalid_request, not_found

Secret = dict[str, Any]
Version = dict[str, Any]

_KEPT_UNLABELLED = 100
_KEPT_SECONDS = 24 * 3600


def find(secret_id: str | None) -> Secret:
    """The secret with this name or ARN, in the account and region of the request."""
    _, secret = sm._resolve(secret_id)
    if secret is None:
        raise not_found("Secrets Manager can't find the specified secret.")
    return secret


def live(secret_id: str | None) -> Secret:
    """As find, and not marked for deletion."""
    secret = find(secret_id)
    if secret.get("DeletedDate"):
        raise invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion."
        )
    return secret


def writable(secret_id: str | None) -> Secret:
    """As live, and not a replica of a secret in another region."""
    secret = live(secret_id)
    if sm._is_replica(secret):
        raise invalid_request("You can't perform this operation on a replica secret.")
    return secret


def by_arn(arn: str) -> Secret | None:
    """The secret with this ARN in whatever account and region, or None once it is gone."""
    for secret in sm._secrets.all_values():
        if secret["ARN"] == arn:
            return secret
    return None


def scope(secret: Secret) -> Arn:
    """The secret's account and region."""
    return parse_arn(secret["ARN"])


def is_empty(version: Version) -> bool:
    """Whether the version has no value: RotateSecret makes such a one, and createSecret fills it."""
    return version.get("SecretString") is None and version.get("SecretBinary") is None


def add_version(secret: Secret, version_id: str, value: Version) -> Version:
    """Add a version without labels. No two versions get the same CreatedDate, so that they can be ordered."""
    newest = max((version["CreatedDate"] for version in secret["Versions"].values()), default=0.0)
    version: Version = {
        "SecretString": value.get("SecretString"),
        "SecretBinary": value.get("SecretBinary"),
        "CreatedDate": max(clock.now(), round(newest + 0.001, 3)),
        "Stages": [],
    }
    secret["Versions"][version_id] = version
    _prune(secret)
    return version


def changed(secret: Secret) -> None:
    """To be called after every change of a secret: its date, and its replicas."""
    secret["LastChangedDate"] = clock.now()
    sm._sync_replicas(secret)


def value_of(version: Version) -> Version:
    return {"SecretString": version.get("SecretString"), "SecretBinary": copy.copy(version.get("SecretBinary"))}


def _prune(secret: Secret) -> None:
    """Drop versions that AWS no longer keeps: without labels, older than 24 hours, not among the newest 100.

    AWS: "Secrets Manager removes deprecated versions when there are more than 100. Secrets Manager does not remove
    versions created less than 24 hours ago" (userguide, "What's in a Secrets Manager secret?").
    """
    newest_first = sorted(secret["Versions"].items(), key=lambda item: item[1]["CreatedDate"], reverse=True)
    for version_id, version in newest_first[_KEPT_UNLABELLED:]:
        if not version["Stages"] and clock.now() - version["CreatedDate"] > _KEPT_SECONDS:
            del secret["Versions"][version_id]
