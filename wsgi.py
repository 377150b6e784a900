"""The server: builds the site, and `python wsgi.py` serves it with waitress."""

import argparse
import gc
import sqlite3
import sys

from sqlalchemy.exc import DatabaseError

from app import create_app, printing, serving, worker
from app.files import uploads
from app.languages import speaking
from app.settings import SettingsError


def main():
    parser = argparse.ArgumentParser(description="Serves the site until Ctrl+C.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; 0.0.0.0 for every one (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    arguments = parser.parse_args()
    app = build()
    shown = "127.0.0.1" if arguments.host == "0.0.0.0" else arguments.host  # noqa: S104 - compared, not bound
    app.config["BOUND_ADDRESS"] = f"http://{shown}:{arguments.port}"
    try:
        server = serving.make_server(app, arguments.host, arguments.port)
    except (OSError, OverflowError, ValueError) as error:
        sys.exit(f"Cannot listen on {arguments.host}:{arguments.port} ({error}). Try another port: python wsgi.py --port 8080")
    with app.app_context():
        uploads.sweep()
        greet(app)
    worker.start(app)
    # What stands now stays: the collector of garbage need not look through it again and again.
    gc.collect()
    gc.freeze()
    server.run()


def build():
    """The site over its instance folder; a setting, database or folder that is unusable ends the program with words."""
    try:
        return create_app()
    except SettingsError as error:
        sys.exit(str(error))
    except (DatabaseError, sqlite3.Error, OSError) as error:
        sys.exit(
            f"实例文件夹或其中的数据库无法使用；如已损坏，请用 flask restore 把备份恢复到一个新的空文件夹（LAUREL_INSTANCE）。\n"
            f"The instance folder or its database cannot be used; if it is damaged, restore a backup into a new, empty folder "
            f"(LAUREL_INSTANCE) by flask restore.\n{error}"
        )


def greet(app):
    """Prints the address, how to make the first organizer, and what is missing, in both languages."""
    print(f"{app.config['SETTINGS']['address'] or app.config['BOUND_ADDRESS']}", flush=True)
    print("The first organizer: 添加第一位管理员：  flask organizer add you@example.org")
    if not app.config["SETTINGS"]["smtp_host"]:
        print(f"No mail server is set: mails land in {app.instance_path}/mail. 未设置邮件服务器，邮件写入该文件夹。")
    for language in ("zh", "en"):
        with speaking(language):
            if printing.missing():
                print(printing.missing())
    for problems in app.calls.problems().values():
        print(*problems, sep="\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
else:
    app = build()
