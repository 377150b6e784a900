"""A visitor over HTTP: one connection kept alive, cookies, forms; notes what every request took."""

import http.client
import secrets
import time
from collections import namedtuple
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

Taken = namedtuple("Taken", "label method status seconds size")
"""`size`: bytes of the body."""


class Visitor:
    """`page` is the page that is open, parsed; `taken` what was asked so far, as [Taken]."""

    def __init__(self, server):
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self._cookies = {}
        self.taken = []
        self.address, self.body, self.page = "/", b"", None

    def open(self, label, address):
        """Gets a page, and where it redirects to; `label` names them all."""
        self._ask(label, "GET", address)
        return self

    def submit(self, label, button="", then="", files=(), form="form", **answers):
        """Fills in the form (an XPath) of the page and presses `button`; `answers` hold names with `__` for a hyphen.

        `files` are (name, bytes), sent as `files`. `label` names the answer to the POST, `then` the page it leads to.
        """
        element = self.page.xpath(f"//{form}[translate(@method, 'POST', 'post')='post']")[0]
        answers = {name.replace("__", "-"): value for name, value in answers.items()}
        fields = [(name, value) for name, value in element.form_values() if name not in answers]
        fields += [(name, item) for name, value in answers.items() for item in (value if isinstance(value, list) else [value])]
        fields += [("action", button)] if button else []
        kind, body = _multipart(fields, files) if files else ("application/x-www-form-urlencoded", urlencode(fields).encode())
        self._ask(label, "POST", element.get("action") or self.address, body, {"Content-Type": kind}, then)
        return self

    def _ask(self, label, method, address, body=None, headers=None, then=""):
        address = urljoin(self.address, address)
        parts = urlsplit(address)
        headers = {**(headers or {}), "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        start = time.perf_counter()
        self._connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        response = self._connection.getresponse()
        self.body = response.read()
        self.taken.append(Taken(label, method, response.status, time.perf_counter() - start, len(self.body)))
        for header in response.headers.get_all("Set-Cookie", ()):
            self._cookies.update((name, cookie.value) for name, cookie in SimpleCookie(header).items())
        if response.status in (302, 303):
            target = urljoin(address, response.headers["Location"])
            return self._ask(then or label, "GET", target)
        self.address = parts._replace(fragment="").geturl()
        if response.headers.get_content_type() == "text/html":
            self.page = lxml.html.document_fromstring(self.body.decode())
        return None


def _multipart(fields, files):
    """(content type, body) of a form with files."""
    boundary = secrets.token_hex(16)
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields]
    for name, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])
