"""The server: builds the site, and `python wsgi.py` serves it with waitress."""

import argparse
import sys

from app import create_app, worker
from app.settings import SettingsError


def main():
    parser = argparse.ArgumentParser(description="Serves the site.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    import waitress

    app = build()
    app.config["BOUND_ADDRESS"] = f"http://{arguments.host}:{arguments.port}"
    try:
        server = waitress.create_server(app, host=arguments.host, port=arguments.port, threads=8, ident=None)
    except OSError as error:
        sys.exit(f"Cannot listen on {arguments.host}:{arguments.port}: {error.strerror}. Try another port: python wsgi.py --port 8080")
    worker.start(app)
    for line in app.greeting():
        print(line, flush=True)
    server.run()


def build():
    try:
        return create_app()
    except SettingsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
else:
    app = build()
