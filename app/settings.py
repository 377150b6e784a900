"""Settings: defaults, then `instance/settings.toml`, then environment variables named `LAUREL_<KEY>`."""

import os
import secrets
import tomllib
from pathlib import Path

DEFAULTS = {
    "site_name_zh": "奖项申报平台",
    "site_name_en": "Award Applications",
    "address": "",
    "smtp_host": "",
    "smtp_port": 587,
    "smtp_user": "",
    "smtp_password": "",
    "smtp_security": "starttls",
    "mail_from": "Laurel <no-reply@localhost>",
    "trusted_proxies": 0,
    "require_second_factor": False,
    "secret_key": "",
}

TEMPLATE = """\
# Settings of this site. 本网站的设置。
# Each can also be given as an environment variable, for example LAUREL_SMTP_HOST.
# 每一项也可以用环境变量给出，例如 LAUREL_SMTP_HOST。

# Made once at the first start. Keep it secret; changing it signs everybody out.
# 首次启动时生成，请保密；更改后所有人需要重新登录。
secret_key = "{secret_key}"

# What the site is called. 网站名称。
# site_name_zh = "奖项申报平台"
# site_name_en = "Award Applications"

# The public address, as people type it; used in mails. 公开网址，用于邮件中的链接。
# address = "https://awards.example.org"

# How mail is sent. Without smtp_host, mails are written to the folder "mail" beside this file.
# 发送邮件的方式。不填 smtp_host 时，邮件写入本文件旁的 mail 文件夹。
# smtp_host = "smtp.example.org"
# smtp_port = 587
# smtp_user = ""
# smtp_password = ""
# smtp_security = "starttls"   # or "tls", both of which check the server's certificate; or "none"
# mail_from = "Award Office <awards@example.org>"

# How many proxies (nginx, Caddy …) stand in front and set X-Forwarded-For and -Proto. Without it every visitor counts as
# one and the same, and many wrong passwords of a few lock everybody out for a quarter of an hour.
# 前面有几层反向代理（nginx、Caddy 等）。不填时，所有访客会被当作同一来源，少数人反复输错密码会使其他人也暂时无法登录。
# trusted_proxies = 1

# Whether organizers and experts must sign in with a second factor, a code from an app on the phone.
# 是否要求管理员和评审专家使用两步验证登录（手机应用生成的验证码）。
# require_second_factor = true
"""


class SettingsError(Exception):
    """A setting is unusable; the message tells the organizer what to change."""


def load(instance):
    """The settings of the folder `instance` as a dict; makes `settings.toml` with a new secret key when there is none.

    Raises SettingsError with the file, the key and what was expected.
    """
    path = Path(instance) / "settings.toml"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(TEMPLATE.format(secret_key=secrets.token_hex(32)))
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}. 文件格式有误，请按上面的提示修改。") from error
    settings = dict(DEFAULTS)
    for key in DEFAULTS:
        if f"LAUREL_{key.upper()}" in os.environ:
            given[key] = os.environ[f"LAUREL_{key.upper()}"]
    for key, value in given.items():
        settings[key] = _checked(path, key, value)
    if len(settings["secret_key"]) < 32:
        raise SettingsError(f"{path}: secret_key must have at least 32 characters. secret_key 至少需要 32 个字符。")
    return settings


def _checked(path, key, value):
    if key not in DEFAULTS:
        raise SettingsError(f"{path}: unknown setting {key!r}. Known: {', '.join(DEFAULTS)}. 未知的设置项。")
    if isinstance(DEFAULTS[key], bool):
        if str(value).lower() not in ("true", "false"):
            raise SettingsError(f"{path}: {key} must be true or false, without quotes. {key} 只能是 true 或 false，不加引号。")
        return str(value).lower() == "true"
    if isinstance(DEFAULTS[key], int):
        if not str(value).isascii() or not str(value).isdigit():
            raise SettingsError(f"{path}: {key} must be a whole number. {key} 必须是整数。")
        return int(value)
    if not isinstance(value, str):
        raise SettingsError(f"{path}: {key} must be a text in quotes. {key} 必须是加引号的文字。")
    if key == "smtp_security" and value not in ("starttls", "tls", "none"):
        raise SettingsError(f'{path}: smtp_security must be "starttls", "tls" or "none". 只能填这三个值之一。')
    if key == "address" and value and not value.startswith(("http://", "https://")):
        raise SettingsError(f"{path}: address must begin with https:// or http://. address 必须以 https:// 或 http:// 开头。")
    return value.rstrip("/") if key == "address" else value


def configure(app, **overrides):
    """Loads the settings of the app's instance folder into its config, `overrides` last."""
    settings = load(app.instance_path)
    tls = settings["smtp_security"]
    https = settings["address"].startswith("https://")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings["secret_key"],
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(app.instance_path) / 'laurel.db'}",
        MAX_CONTENT_LENGTH=100 * 1024 * 1024,
        # All the text of one form: several times what the longest step may hold, and still judged within a second or two.
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=5000,
        PERMANENT_SESSION_LIFETIME=60 * 60 * 24 * 30,
        # Renewed together with the row of the sign-in, not at every request.
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_NAME="__Host-session" if https else "session",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The token lives as long as the session: a page left open over lunch must still save.
        WTF_CSRF_TIME_LIMIT=None,
        # Every message is ours; WTForms would read its own catalogue from the disk at every request.
        WTF_I18N_ENABLED=False,
        MAIL_BACKEND="app.mails.mail_server" if settings["smtp_host"] else "app.mails.mail_folder",
        MAIL_FILE_PATH=str(Path(app.instance_path) / "mail"),
        MAIL_SERVER=settings["smtp_host"],
        MAIL_PORT=settings["smtp_port"],
        MAIL_USERNAME=settings["smtp_user"] or None,
        MAIL_PASSWORD=settings["smtp_password"] or None,
        MAIL_USE_TLS=tls == "starttls",
        MAIL_USE_SSL=tls == "tls",
        MAIL_TIMEOUT=30,
        MAIL_DEFAULT_SENDER=settings["mail_from"],
    )
    app.config.update(overrides)
