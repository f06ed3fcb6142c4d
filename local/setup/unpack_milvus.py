"""Unpack the Milvus server of the `milvus` package once, for all servers that start later.

The package's own launcher unpacks 246 MB into each server's data folder. The launcher then stays
as a parent process that does not notice the end of the server. Started from its own folder, the
server is a single process.

Usage: python unpack_milvus.py DESTINATION
"""

import lzma
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import files
from pathlib import Path


def unpack(source: Path, target: Path) -> None:
    with lzma.open(source) as packed, open(target, "wb") as unpacked:
        shutil.copyfileobj(packed, unpacked, 1 << 20)
    target.chmod(0o755)


def main(destination: Path) -> None:
    data = Path(str(files("milvus") / "data"))
    destination.mkdir()
    packed = sorted((data / "bin").glob("*.lzma"), key=lambda file: file.stat().st_size, reverse=True)
    if not packed:
        sys.exit(f"The milvus package in {data} has no server for this platform.")
    with ProcessPoolExecutor() as pool:
        list(pool.map(unpack, packed, [destination / file.stem for file in packed]))
    shutil.copy(data / "glog.conf", destination / "glog.conf")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
