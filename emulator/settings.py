"""The command line.

Most flags have an environment variable, for a launcher that passes no flags.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    port: int
    data_dir: Path
    retries: int
    """How many further attempts a failed rotation gets."""
    retry_spacing: float
    """Seconds on the emulator's clock between a failed attempt and the next."""
    lambda_node_modules: Path | None
    """A node_modules folder that functions can import from, like the SDK of Lambda's runtime."""
    https: bool
    """Whether requests count as sent over TLS, for aws:SecureTransport conditions."""
    until_stdin_closes: bool
    """Whether the emulator stops when stdin ends, so that it never outlives a killed launcher."""


def parse() -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="An AWS emulator (ministack) that rotates secrets. The emulator listens on 127.0.0.1 only.",
    )
    flag, env = parser.add_argument, os.environ.get
    flag("--port", type=int, default=env("EMULATOR_PORT", "4566"), help="TCP port (default 4566)")
    flag(
        "--data-dir",
        type=_absolute,
        required="EMULATOR_DATA_DIR" not in os.environ,
        default=env("EMULATOR_DATA_DIR"),
        help="folder for the state, the buckets and the unpacked functions",
    )
    flag(
        "--retries",
        type=int,
        default=env("EMULATOR_RETRIES", "2"),
        help="further attempts of a failed rotation (default 2; AWS documents no number)",
    )
    flag(
        "--retry-spacing",
        type=float,
        default=env("EMULATOR_RETRY_SPACING", "2"),
        help="seconds on the emulator's clock before each further attempt (default 2; AWS documents no number)",
    )
    flag(
        "--lambda-node-modules",
        type=_absolute,
        default=env("EMULATOR_LAMBDA_NODE_MODULES") or None,
        help="a node_modules folder that functions can import from",
    )
    flag(
        "--https",
        action="store_true",
        default=env("EMULATOR_HTTPS") == "1",
        help="treat requests as sent over TLS, for aws:SecureTransport conditions",
    )
    flag("--until-stdin-closes", action="store_true", help="stop when stdin ends")
    settings = Settings(**vars(parser.parse_args()))
    if settings.retries < 0 or settings.retry_spacing < 0:
        parser.error("--retries and --retry-spacing must be at least 0.")
    return settings


def _absolute(path: str) -> Path:
    return Path(path).resolve()
