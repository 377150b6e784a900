"""The site in a process of its own over a folder of ours, which may be killed, starved and started again."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
STARTS_WITHIN = 60


class Running:
    """`python wsgi.py` (or another script) over the folder `instance`, on a free port of this machine; use with `with`.

    `wrapped` are words before the command, such as those of strace. What it prints is in `log`, beside the instance.
    """

    def __init__(self, instance, script="wsgi.py", wrapped=()):
        self.instance, self.host, self.port = Path(instance), "127.0.0.1", free_port()
        self.log = self.instance.with_suffix(".log")
        self._command = [*wrapped, sys.executable, script, "--port", str(self.port)]

    def __enter__(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command, cwd=ROOT, env=environment(self.instance), stdout=log, stderr=log)
        wait_until_it_answers(self.port, self.log)
        return self

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def status(self, address):
        """The status of a page, asked for anew."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        connection.request("GET", address)
        status = connection.getresponse().status
        connection.close()
        return status


def environment(instance):
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "LAUREL_INSTANCE": str(instance), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def wait_until_it_answers(port, log):
    """Returns when a page is answered, for it listens earlier; AssertionError with what the server said after a minute without."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=STARTS_WITHIN)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(f"The server did not start:\n{log.read_text('utf-8')}")
