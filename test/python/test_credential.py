import json
import pickle
import traceback

import pytest
from zilliz_secret_client import Credential, DocumentError, EndpointError, SecretVersion, read_credential
from zilliz_secret_client.endpoint import canonical_url, parse_endpoint

ENDPOINT = "https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"endpoint": ENDPOINT, "username": "orders", "password": "Pa:ss1", "token": "orders:Pa:ss1"},
            Credential("v1", "orders:Pa:ss1", ENDPOINT, "orders", "Pa:ss1"),
        ),
        (
            {"endpoint": ENDPOINT, "apiKeyId": "key-1", "apiKey": "k3y", "token": "k3y"},
            Credential("v1", "k3y", ENDPOINT),
        ),
        # A user may stand beside the API key of another system.
        (
            {"username": "orders", "password": "one", "apiKeyId": "other", "apiKey": "other"},
            Credential("v1", "orders:one", None, "orders", "one"),
        ),
    ],
)
def test_reads_a_json_secret(value: dict[str, str], expected: Credential) -> None:
    assert read_credential(SecretVersion("v1", json.dumps(value))) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Pa-ss_w0rd",
        "orders:Pa-ss_w0rd\n",
        "1orders:Pa-ss_w0rd",
        '{"token":"orders:Pa-ss_w0rd"',
        '{"token":"orders:Pa-ss_w0rd"} {}',
        '{"password":"Pa-ss_w0rd"}',
        '{"username":"Pa-ss_w0rd!","password":"Pa-ss_w0rd"}',
        '{"username":"orders","password":"Pa-ss_w0rd","token":"orders:other"}',
        '{"endpoint":7,"username":"orders","password":"Pa-ss_w0rd"}',
        '{"username":"orders","password":["Pa-ss_w0rd"]}',
        '{"apiKeyId":"a b","apiKey":"Pa-ss_w0rd"}',
        '{"apiKeyId":"key-1","apiKey":"Pa-ss_w0rd:"}',
        '{"apiKeyId":"key-1","apiKey":"Pa-ss_w0rd","token":"other"}',
        '{"x":' + "[" * 100_000,
    ],
)
def test_an_error_shows_no_part_of_the_value(value: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read_credential(SecretVersion("v1", value))
    error = raised.value
    assert error.__cause__ is None and error.__context__ is None
    # The first frame is this test, which has the value.
    frames = traceback.StackSummary.extract(
        list(traceback.walk_tb(error.__traceback__))[1:], capture_locals=True
    ).format()
    assert "Pa-ss_w0rd" not in "".join(frames) + repr(error) + str(error)
    assert "read_credential" in "".join(frames)


def test_a_credential_hides_its_values() -> None:
    credential = read_credential(SecretVersion("v1", "orders:Pa-ss_w0rd"))
    assert repr(credential) == "Credential(version_id='v1')"
    assert "Pa-ss_w0rd" not in f"{vars(credential)} {[credential.token]} {SecretVersion('v1', 'Pa-ss_w0rd')}"
    assert f"Bearer {credential.token}" == "Bearer orders:Pa-ss_w0rd"
    assert pickle.loads(pickle.dumps(credential)) == credential


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example.com", "https://a.example.com:443"),
        ("https://A.example.com.:19530/", "https://a.example.com:19530"),
        ("http://127.0.0.1", "http://127.0.0.1:19530"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_an_endpoint_has_a_port(text: str, url: str) -> None:
    assert parse_endpoint(text, allow_plaintext=False) == url


@pytest.mark.parametrize(
    "text",
    ["a.example.com", "https://u:p@a.example.com", "https://a/path", "https://a:x", "ftp://a", "http://10.0.0.1"],
)
def test_an_endpoint_that_no_password_may_be_sent_to_is_refused(text: str) -> None:
    with pytest.raises(EndpointError):
        parse_endpoint(text, allow_plaintext=False)


def test_plain_text_may_be_allowed() -> None:
    assert parse_endpoint("http://10.0.0.1", allow_plaintext=True) == "http://10.0.0.1:19530"
    assert canonical_url("nothing") is None
