"""Unpacks the Milvus server that the `milvus` package brings compressed: once, for every server that runs later.

The package's own launcher unpacks 246 MB into the data folder of each server, and stays as a parent that does not
notice its child's death. Run from its own folder, the server is one process that we start, watch and stop ourselves.

Usage: python unpack_milvus.py DESTINATION
"""

import lzma
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import files
from pathlib import Path

COPIED = ("config.yaml.template", "glog.conf")


def unpack(source: Path, target: Path) -> None:
    with lzma.open(source) as packed, open(target, "wb") as unpacked:
        shutil.copyfileobj(packed, unpacked, 1 << 20)
    target.chmod(0o755)


def main(destination: Path) -> None:
    data = Path(str(files("milvus") / "data"))
    # A half-unpacked folder never has the final name.
    partial = destination.with_name(f"{destination.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    packed = sorted((data / "bin").glob("*.lzma"), key=lambda file: file.stat().st_size, reverse=True)
    if not packed:
        sys.exit(f"The milvus package in {data} holds no server for this platform.")
    with ProcessPoolExecutor() as pool:
        list(pool.map(unpack, packed, [partial / file.stem for file in packed]))
    for name in COPIED:
        shutil.copy(data / name, partial / name)
    shutil.rmtree(destination, ignore_errors=True)
    partial.rename(destination)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
