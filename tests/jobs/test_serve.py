"""``touchstone serve``: it becomes the site, which answers and ends when told."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from campaigns.store.database import Database

PATIENCE_SECONDS = 60.0


def test_serve_becomes_the_process_of_the_site_and_ends_when_told(sqlite_database: Database, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    environ["TOUCHSTONE_DATABASE_URL"] = str(sqlite_database.engine.url)
    command = [sys.executable, "-c", "from jobs.cli import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            status = _answered(process, port)
            assert psutil.Process(process.pid).cmdline()[1:] == ["-m", "web"]
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        finally:
            process.kill()
    assert status < 500


def _answered(process: subprocess.Popen[str], port: int) -> int:
    """Wait until the site answers; return the status of the answer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, process.stderr and process.stderr.read()
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            site.request("GET", "/")
            return site.getresponse().status
        except OSError:
            time.sleep(0.1)
        finally:
            site.close()
    raise AssertionError("the site never answered")
