"""The command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    port: int
    data_dir: Path
    until_stdin_closes: bool
    """Whether the emulator stops when stdin ends, so that it never outlives a killed launcher."""


def parse() -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="An AWS emulator (ministack) that rotates secrets. The emulator listens on 127.0.0.1 only.",
    )
    flag = parser.add_argument
    flag("--port", type=int, default=4566, help="TCP port (default 4566)")
    flag("--data-dir", type=_absolute, required=True, help="folder for the unpacked functions")
    flag("--until-stdin-closes", action="store_true", help="stop when stdin ends")
    return Settings(**vars(parser.parse_args()))


def _absolute(path: str) -> Path:
    return Path(path).resolve()
