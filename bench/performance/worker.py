"""A worker of Lambda for the Python function. See worker.mjs: the two speak the same protocol."""

import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path


def _report(since: float) -> None:
    milliseconds = (time.perf_counter() - since) * 1000
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    line = {
        "milliseconds": milliseconds,
        "cpuMilliseconds": time.process_time() * 1000,
        "peakBytes": int(peak[1]) * 1024 if peak else 0,
    }
    os.write(3, f"{json.dumps(line)}\n".encode())


def _main(file: str) -> None:
    start = time.perf_counter()
    spec = importlib.util.spec_from_file_location("function", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _report(start)
    for line in sys.stdin:
        event = json.loads(line)
        began = time.perf_counter()
        module.handler(event, None)
        _report(began)


_main(sys.argv[1])
