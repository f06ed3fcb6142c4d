"""The command line. Every flag has an environment variable, for a launcher that passes no flags."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    port: int
    data_dir: Path
    retries: int
    """How often a failed rotation is tried again by itself."""
    retry_spacing: float
    """Seconds on the emulator's clock between a failed attempt and the next."""
    lambda_node_modules: Path | None
    """A node_modules folder that functions find, as they find the AWS SDK in Lambda's own runtime."""
    https: bool
    """Whether requests count as made over TLS (for aws:SecureTransport conditions)."""
    until_stdin_closes: bool
    """Whether to stop when stdin ends: a launcher that was killed then leaves nothing behind."""


def parse(arguments: Sequence[str] | None = None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="An AWS emulator (ministack) with AWS Secrets Manager's rotation. It listens on 127.0.0.1 only.",
    )
    env = os.environ.get
    parser.add_argument("--port", type=int, default=int(env("EMULATOR_PORT", "4566")), help="default 4566")
    parser.add_argument("--data-dir", type=Path, required="EMULATOR_DATA_DIR" not in os.environ,
                        default=env("EMULATOR_DATA_DIR"), help="state, buckets and unpacked functions live here")
    parser.add_argument("--retries", type=int, default=int(env("EMULATOR_RETRIES", "2")),
                        help="further attempts of a failed rotation (default 2; AWS documents no number)")
    parser.add_argument("--retry-spacing", type=float, default=float(env("EMULATOR_RETRY_SPACING", "2")),
                        help="seconds on the emulator's clock before each (default 2; AWS documents none)")
    parser.add_argument("--lambda-node-modules", type=Path, default=env("EMULATOR_LAMBDA_NODE_MODULES"),
                        help="a node_modules folder that functions may import from")
    parser.add_argument("--https", action="store_true", default=env("EMULATOR_HTTPS") == "1",
                        help="treat requests as made over TLS, for aws:SecureTransport conditions")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when stdin ends")
    given = parser.parse_args(arguments)
    if given.retries < 0 or given.retry_spacing < 0:
        parser.error("--retries and --retry-spacing must not be negative")
    return Settings(
        port=given.port,
        data_dir=Path(given.data_dir).resolve(),
        retries=given.retries,
        retry_spacing=given.retry_spacing,
        lambda_node_modules=Path(given.lambda_node_modules).resolve() if given.lambda_node_modules else None,
        https=given.https,
        until_stdin_closes=given.until_stdin_closes,
    )
