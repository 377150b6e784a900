"""Prints the path of a Chromium that can be driven; exit status 1 when there is none."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = ("/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find():
    """The path of a Chromium: $CHROMIUM, one on the PATH, or Playwright's own build; None when there is none."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    # Ubuntu's chromium-browser is a snap, which cannot see temporary folders.
    for path in [*filter(None, map(shutil.which, NAMES)), *(path for path in MAC if Path(path).exists())]:
        if "/snap/" not in str(Path(path).resolve()):
            return path
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    path = find()
    print(path or "none")
    sys.exit(path is None)
