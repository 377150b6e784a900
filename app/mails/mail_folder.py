"""The mail back end for a site without a mail server: every mail becomes a text file that anybody can open."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flask_mailman.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Writes `<time>-<recipient>.txt` into the folder MAIL_FILE_PATH, and says on the console what the mail asks for."""

    def send_messages(self, messages):
        for message in messages:
            self._write(message)
        return len(messages)

    def _write(self, message):
        folder = Path(self.mailman.file_path)
        folder.mkdir(parents=True, exist_ok=True)
        # An address may hold a slash, and be longer than a file name.
        recipient = re.sub(r"[^A-Za-z0-9@.+-]", "_", message.to[0])[:100]
        path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{recipient}.txt"
        headers = {"From": message.from_email, "To": message.to[0], "Subject": message.subject}
        head = "".join(f"{name}: {value}\n" for name, value in headers.items())
        path.write_text(f"{head}\n{message.body}", "utf-8")
        links = re.findall(r"^https?://\S+$", message.body, re.MULTILINE)
        # The mail is written; a console that is closed, or knows no Chinese, must not make it look as if it were not.
        with suppress(OSError, UnicodeError):
            print(f"Mail to {message.to[0]}: {message.subject}", *links, f"({path})", sep="\n  ", flush=True)
