"""Reads the credential from the value of a secret."""

import json
import re
from dataclasses import dataclass, field
from typing import SupportsIndex

_USERNAME = re.compile(r"[A-Za-z][\w.-]{0,31}", re.ASCII)
_API_KEY_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)
_API_KEY = re.compile(r"[^\s:]+")


class DocumentError(ValueError):
    """A stored value is not a credential. The message never quotes the value."""


class HiddenText(str):
    """A secret text. A traceback with local variables shows its `repr`, which hides the text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, key: SupportsIndex | slice) -> "HiddenText":
        """Some reporters of errors cut a long text before they show its `repr`."""
        return HiddenText(super().__getitem__(key))


@dataclass(frozen=True)
class SecretVersion:
    """One version of the secret, as a source loads it."""

    version_id: str
    """Changes with the value. Events show it, so it must not contain a part of the value."""
    value: str = field(repr=False)
    """JSON with username and password, JSON with apiKeyId and apiKey, or user:password."""


@dataclass(frozen=True)
class Credential:
    """What an application needs to connect to its cluster. Its `repr` shows the version only."""

    version_id: str
    token: str = field(repr=False)
    """`username:password` or the API key. Milvus and Zilliz Cloud accept each as a token."""
    endpoint: str | None = field(default=None, repr=False)
    """`https://host[:port]`, from the option `endpoint` or as stored. None if neither has it."""
    username: str | None = field(default=None, repr=False)
    """None if the secret holds an API key."""
    password: str | None = field(default=None, repr=False)
    """None if the secret holds an API key."""


def read_credential(version: SecretVersion) -> Credential:
    """Reads the credential of a version. Raises DocumentError if the value is not a credential."""
    # No local variable of this function holds the value in clear text, because a reporter of
    # errors may print the variables of a traceback.
    credential = _parse(version)
    if isinstance(credential, str):
        raise DocumentError(credential)
    return credential


def _parse(version: SecretVersion) -> Credential | str:
    """Returns a sentence about the problem instead of raising an error."""
    if version.value.lstrip().startswith("{"):
        return _parse_json(version)
    username, colon, password = version.value.partition(":")
    if not colon:
        return "The secret is neither a JSON object nor user:password."
    problem = _username_problem(username, "The part before the first colon") or _password_problem(
        password, "The part after the first colon"
    )
    return problem or _credential(version, None, username, password)


def _parse_json(version: SecretVersion) -> Credential | str:
    try:
        fields = json.loads(version.value)
    except (ValueError, RecursionError):
        # The error holds the whole text, so it must not become the context of another error.
        return "The secret starts like a JSON object and is not valid JSON. Store it again."
    endpoint = fields.get("endpoint")
    if "endpoint" in fields and not isinstance(endpoint, str):
        return 'The key "endpoint" is not a string. Expected https://host[:port].'
    # A credential of a cluster user may stand beside the API key of another system.
    if "apiKeyId" in fields and "username" not in fields and "password" not in fields:
        if not _matches(_API_KEY_ID, fields["apiKeyId"]):
            return 'The key "apiKeyId" is not the id of an API key. Expected letters, digits and _.- characters.'
        if not _matches(_API_KEY, fields.get("apiKey")):
            return 'The key "apiKey" is not an API key. Expected a non-empty string without colon or space.'
        credential = Credential(version.version_id, HiddenText(fields["apiKey"]), endpoint)
    else:
        username, password = fields.get("username"), fields.get("password")
        problem = _username_problem(username, 'The key "username"') or _password_problem(password, 'The key "password"')
        if problem:
            return problem
        credential = _credential(version, endpoint, username, password)
    if "token" in fields and fields["token"] != credential.token:
        return 'The key "token" contradicts the other keys, so the document holds two credentials. Store the right one.'
    return credential


def _credential(version: SecretVersion, endpoint: str | None, username: str, password: str) -> Credential:
    token = HiddenText(f"{username}:{password}")
    return Credential(version.version_id, token, endpoint, username, HiddenText(password))


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _username_problem(value: object, what: str) -> str | None:
    if _matches(_USERNAME, value):
        return None
    # The value may be a password, so the sentence does not quote it.
    return f"{what} is not the name of a cluster user. Expected a letter, then at most 31 letters, digits and _.-"


def _password_problem(value: object, what: str) -> str | None:
    if not isinstance(value, str) or not value:
        return f"{what} is not a password. Expected a non-empty string."
    if value.endswith(("\r", "\n")):
        return f"{what} ends in a line break, which the cluster refuses. Store it without a line break."
    return None
