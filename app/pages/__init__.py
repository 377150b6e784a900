"""The pages: they know the request; nothing below them does."""

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import abort, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import languages, printing, scripts, times
from app.applying.drafts import Refused
from app.extensions import db
from app.languages import Text
from app.markdown import markdown
from app.pages.entering import OWN_PATH
from app.pages.receiving import Request

STATIC = Path(__file__).parent.parent / "static"
YEAR = 365 * 24 * 3600
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SECRETS = ("csrf_token", "current", "code")
"""Inputs that no page gives back, beside those that are called a password: the token, the present password, a code."""


def init_app(app):
    """Registers every page, the headers of every answer, the error pages and what all templates know."""
    from app.pages import account, apply, certificates, desk, files, names, panel, public, results, second_factor, submitted
    from app.pages.unsubmitted import unsubmitted

    for module in (public, results, account, second_factor, apply, files, submitted, desk, panel, names, certificates):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(public.bare)
    app.request_class = Request
    app.before_request(_refuse_other_sites)
    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, error_page)
    app.register_error_handler(CSRFError, error_page)
    app.register_error_handler(printing.Unavailable, _no_pdf)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(OSError, _unavailable)
    app.register_error_handler(Exception, _crash)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        twin_url=languages.twin_url,
        static=static,
        unsubmitted=unsubmitted,
        status_tone=lambda status: STATUS_TONES.get(status, "quiet"),
        site_name=Text(zh=app.config["SETTINGS"]["site_name_zh"], en=app.config["SETTINGS"]["site_name_en"]),
    )
    app.jinja_env.filters["markdown"] = markdown
    app.jinja_env.filters["marked"] = lambda text: scripts.marked(text, languages.current())
    app.context_processor(_known_everywhere)
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=STATIC, prefix="static/", max_age=YEAR, add_headers_function=_static_headers(app))
    proxies = app.config["SETTINGS"]["trusted_proxies"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)


@cache
def static(name):
    """The address of a file of ours; its content is part of it, so that it can be cached for a year."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


STATUS_TONES = {"submitted": "good", "passed": "good", "result": "good", "returned": "warn", "return-lapsed": "bad", "ineligible": "bad"}


def _known_everywhere():
    language = languages.current()
    return {
        "language": language,
        "html_lang": languages.HTML_LANG[language],
        "other_language": languages.other(language),
        "say": lambda instant, call: times.say(instant, call, language),
        "say_exactly": lambda instant, call: times.say_exactly(instant, call, language),
        "say_deadline": lambda call: times.say_deadline(call, language),
        "say_end": lambda instant, call: times.say_end(instant, call, language),
    }


def _refuse_other_sites():
    """What a page of another site sends off comes without our cookies, but the answer could replace them: a sign-in would end."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(400)


def headers_of(app):
    """The headers of every answer of this site."""
    https = app.config["SESSION_COOKIE_SECURE"]
    return HEADERS | ({"Strict-Transport-Security": f"max-age={YEAR}"} if https else {})


def _add_headers(response):
    for name, value in headers_of(current_app).items():
        response.headers.setdefault(name, value)
    # Nearly every page shows who is signed in, and downloads are as private.
    response.headers["Cache-Control"] = "no-store"
    languages.remember(response)
    return response


def _static_headers(app):
    def add(headers, path, url):
        for name, value in headers_of(app).items():
            headers[name] = value

    return add


def error_page(error):
    """The answer, in words, to an HTTPException."""
    if (error.code == 401 or isinstance(error, CSRFError)) and _is_own():
        return _failed(error.code, old=error.code == 400)
    response = make_response(render_template("error.html", code=error.code, error=error), error.code)
    if error.code == 405 and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _is_own():
    """Whether a page of ours sent this, so that offering to send it again serves nobody else."""
    own = urlsplit(request.headers.get("Origin", "")).netloc == request.host
    return own or request.headers.get("Sec-Fetch-Site") == "same-origin"


def _no_pdf(error):
    return make_response(render_template("error.html", code=503, reason=error.args[0]), 503)


def _refused(refused):
    """What the rules do not allow any more, where the page that asked has no better answer: it changed in another tab meanwhile."""
    return _failed(409, reason=refused.args[0], back=_back())


def _back():
    """The address of ours at which things can be looked at as they are now; None when it is not known."""
    if "GET" in request.url_rule.methods:
        return request.full_path.rstrip("?")
    page = urlsplit(request.referrer or "")
    return page.path if page.netloc == request.host and OWN_PATH.fullmatch(page.path) else None


def _crash(error):
    current_app.logger.exception("A page failed: %s %r", request.method, request.path)
    return _failed(500)


def _unavailable(error):
    """A disk that is full or gone, or a database that is locked: words, and a button that sends again what was typed."""
    # Jinja's errors are OSErrors, too, but of ours.
    if isinstance(error, OSError) and error.errno is None:
        return _crash(error)
    current_app.logger.exception("Something a page needs is not working: %s %r", request.method, request.path)
    return _failed(503)


def _failed(code, **words):
    with suppress(SQLAlchemyError):
        db.session.rollback()
    again = []
    # Reading the form may be what failed.
    with suppress(OSError, HTTPException):
        again = [(name, value) for name, value in request.form.items(multi=True) if name not in SECRETS and "password" not in name]
    return make_response(render_template("error.html", code=code, again=again, **words), code)
