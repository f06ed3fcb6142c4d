"""The address of a cluster."""

import ipaddress
from urllib.parse import urlsplit


class EndpointError(ValueError):
    """No credential may be sent to an endpoint. The message quotes the host at most."""


def parse_endpoint(text: str, allow_plaintext: bool) -> str:
    """Returns the URL with scheme and port: `https://host:443`.

    Without a port, https means 443, as the serverless endpoints of Zilliz Cloud do, and http means
    19530. Raises EndpointError for http to hosts other than loopback, without allow_plaintext.
    """
    url = canonical_url(text)
    if url is None:
        raise EndpointError("The endpoint is not an address. Expected https://host[:port] without user and path.")
    host = urlsplit(url).hostname or ""
    if url.startswith("http:") and not allow_plaintext and not _is_loopback(host):
        raise EndpointError(f"http://{host} would carry passwords in plain text. Use https://.")
    return url


def canonical_url(text: str) -> str | None:
    """The URL of an endpoint, to compare endpoints. None if the text is not an endpoint."""
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        return None
    is_endpoint = url.scheme in ("http", "https") and host and "@" not in url.netloc and url.path in ("", "/")
    if not is_endpoint or host is None or url.query or url.fragment:
        return None
    # A dot at the end names the same host.
    name = f"[{host}]" if ":" in host else host.rstrip(".")
    return f"{url.scheme}://{name}:{port or (443 if url.scheme == 'https' else 19530)}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
