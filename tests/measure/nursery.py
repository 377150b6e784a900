"""Starts the server anew at every line of its input, each time as a new process that need not load the modules again.

    python -m tests.measure.nursery SCRIPT LOG PORT

Prints the id of each process, and an empty line when it is gone. Only the start is faster: the process, its connections and
its database are as new as those of `python SCRIPT --port PORT`.
"""

import io
import os
import runpy
import sys
import tempfile

import pikepdf
from flask import Flask
from jinja2 import FileSystemBytecodeCache

import wsgi  # noqa: F401 - loads everything; its own site is never served
from app import demo

SCRIPT, LOG, PORT = sys.argv[1:]


def main():
    pikepdf.open(io.BytesIO(demo.sample_pdf("loads what the first upload would"))).close()
    with tempfile.TemporaryDirectory() as folder:
        # Compiling the templates is most of what the first visitors after a start wait for.
        Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(folder)}
        serve_each_line()


def serve_each_line():
    for _line in sys.stdin:
        child = os.fork()
        if not child:
            serve()
        print(child, flush=True)
        os.waitpid(child, 0)
        print(flush=True)


def serve():
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    sys.argv = [SCRIPT, "--port", PORT]
    runpy.run_path(SCRIPT, run_name="__main__")
    os._exit(1)


if __name__ == "__main__":
    main()
