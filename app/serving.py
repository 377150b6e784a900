"""The site behind waitress: how much it takes on at once, and that what waitress refuses by itself is a page of ours."""

import re
import select

import waitress
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask
from werkzeug.exceptions import default_exceptions

from app import pages

THREADS = 8
CONNECTIONS = 1000
"""Browsers keep several open each. A slow one costs an open file, and a thread only once its whole request is there."""
SILENT_SECONDS = 120


def make_server(app, host, port):
    """A waitress server of `app`, listening on `host` and `port` (0 for any free one); `.run()` serves.

    Raises OSError where it cannot listen there.
    """
    _allow_open_files(4 * CONNECTIONS)
    server = waitress.create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        connection_limit=CONNECTIONS,
        channel_timeout=SILENT_SECONDS,
        # select() knows no more than 1,024 files.
        asyncore_use_poll=hasattr(select, "poll"),
        # Twice what the site accepts, so that most of what is too large is refused by the page that was asked for. What is
        # larger still is refused while it is being sent: Chromium then shows our page all the same, another browser may
        # only say that the connection broke.
        max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],
        # Whoever reads a large download slowly would otherwise keep a thread; now what waits goes to a temporary file.
        outbuf_high_watermark=2**40,
        # Without a proxy that is trusted nobody may say on whose behalf they come; with one, ProxyFix reads it.
        clear_untrusted_proxy_headers=not app.config["SETTINGS"]["trusted_proxies"],
    )
    # More than one where the name of the host has several addresses.
    for each in (server, *getattr(server, "map", {}).values()):
        each.channel_class = _channel_class(app)
    return server


def _channel_class(app):
    class Refusal(ErrorTask):
        """Answers what never reached the site: a damaged request, one with too large a head or body."""

        def execute(self):
            response = _refusal(app, self.request)
            self.status = response.status
            self.response_headers.extend(response.headers.items())
            self.content_length = response.content_length
            self.set_close_on_finish()
            self.write(response.data)

    return type("Channel", (HTTPChannel,), {"error_task_class": Refusal})


def _refusal(app, request):
    language = re.match("/(zh|en)/|", getattr(request, "path", None) or "")[0]
    with app.test_request_context(language or "/", headers={"Accept-Language": request.headers.get("ACCEPT_LANGUAGE", "")}):
        return app.process_response(pages.error_page(default_exceptions[request.error.code]()))


def _allow_open_files(count):
    try:
        import resource
    except ImportError:
        # Windows, where there is no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
