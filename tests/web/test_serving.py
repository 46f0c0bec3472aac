"""``python -m web`` as a process: it starts quickly, answers, says what is wrong, and ends when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site(file: Path, port: int, folder: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    told = {
        **os.environ,
        "TOUCHSTONE_DATABASE_URL": f"sqlite:///{file}",
        "TOUCHSTONE_PORT": str(port),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **environ,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "web"],
        cwd=folder,
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has what it starts in the background, these tests too, ignore Ctrl+C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def answer(address: str, patience: float = 20.0) -> tuple[int, str]:
    """What the site answers, once it does."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 - our own site
                return response.status, response.read().decode()
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_the_site_starts_shows_the_report_and_ends_on_ctrl_c(published_file: Path, tmp_path: Path) -> None:
    port = free_port()
    with site(published_file, port, tmp_path) as process:
        assert answer(f"http://127.0.0.1:{port}/healthz") == (200, '{"status":"ok"}\n')
        status, page = answer(f"http://127.0.0.1:{port}/")
        assert status == 200
        assert "Sign in" in page or "There is no administrator yet" in page
        process.send_signal(signal.SIGINT)
        output, complaints = process.communicate(timeout=30)
        assert process.returncode == 0
        assert f"Touchstone is at http://127.0.0.1:{port}/" in output
        assert complaints == ""


def test_a_port_that_is_taken_is_said_in_one_line_with_what_to_do(published_file: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with site(published_file, taken.getsockname()[1], tmp_path) as process:
            _, complaints = process.communicate(timeout=30)
            assert process.returncode == 1
            assert "cannot listen on 127.0.0.1:" in complaints
            assert "touchstone serve --port" in complaints
            assert "Traceback" not in complaints


def test_settings_that_cannot_be_used_are_refused_with_the_reason(tmp_path: Path) -> None:
    with site(tmp_path / "none.db", 1, tmp_path, TOUCHSTONE_PORT="many") as process:
        _, complaints = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "These settings cannot be used" in complaints
        assert "Traceback" not in complaints
