"""Backup: one ZIP of all that a site cannot make again, taken while it runs; and its way back into an empty instance."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import tomllib
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from alembic.script import ScriptDirectory
from flask import current_app

from app import first_run, rules, settings
from app.extensions import db
from app.files import uploads
from app.models import User

FORMAT = 1
"""Of the archive; a backup of another format is refused."""
MANIFEST, DATABASE, SETTINGS = "laurel-backup.json", "laurel.db", "settings.toml"
_STORED_FILE = re.compile(r"uploads/[0-9a-f]{2}/[0-9a-f]{32}\.[a-z0-9]{1,10}")
_IMAGES = """
SELECT path FROM (
  SELECT seal AS path FROM certificate_design UNION SELECT signature FROM certificate_design
  UNION SELECT json_extract(details, '$.seal') FROM certificate UNION SELECT json_extract(details, '$.signature') FROM certificate
) WHERE path IS NOT NULL ORDER BY path"""
"""The seals and signatures of certificates, see `uploads.images`; of the copy that goes into the archive."""
_CHUNK = 1024 * 1024


class Refused(Exception):
    """Nothing was done; the argument says why, in both languages."""


# -- backup


def backup(target):
    """Writes the archive `target`, readable by its owner alone; answers the paths of stored files that are missing or
    damaged, below the uploads folder. Works while the site runs. Raises Refused when `target` exists or cannot be written.
    """
    target = Path(target)
    if target.exists():
        raise Refused(f"{target} 已存在，未作改动。 It exists already; nothing was changed.")
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with _private(unfinished) as file, _new_archive(file) as archive:
            missing = _write(archive, target.parent)
        unfinished.rename(target)
        _sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise Refused(f"备份 {target} 没有完成。 The backup was not made. ({error})") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return missing


def _new_archive(file):
    # A ZIP knows no year before 1980; a file that does must not break it.
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False)


@contextmanager
def _private(path):
    """A new file that only its owner may read; on the disk when the block ends."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _write(archive, beside):
    instance = Path(current_app.instance_path)
    # The database first: files never change, so what this copy refers to is still there, unless it was removed since.
    with tempfile.TemporaryDirectory(dir=beside, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE
        with closing(sqlite3.connect(instance / DATABASE)) as source, closing(sqlite3.connect(copy)) as database:
            source.backup(database)
            # The archive holds one file, not a log beside it.
            database.execute("PRAGMA journal_mode=DELETE")
            _refuse_damaged(database)
            missing = _write_uploads(archive, database)
            version = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        archive.write(copy, DATABASE)
    archive.write(instance / SETTINGS, SETTINGS)
    for path in sorted((instance / "calls").rglob("*")):
        if path.is_file():
            archive.write(path, path.relative_to(instance).as_posix())
    about = {"format": FORMAT, "made_at": f"{rules.now():%Y-%m-%dT%H:%M:%SZ}", "migration": version}
    archive.writestr(MANIFEST, json.dumps(about, indent=1) + "\n")
    return missing


def _write_uploads(archive, database):
    """Adds every stored file that the copied `database` knows. One removed on the site since then is removed from the copy,
    too; the paths of the others that are missing or damaged are answered.
    """
    missing = []
    for row_id, path, sha256 in database.execute("SELECT id, path, sha256 FROM stored_file ORDER BY id").fetchall():
        try:
            source = (uploads.folder() / path).open("rb")
        except OSError:
            if uploads.is_known(path):
                missing.append(path)
            else:
                database.execute("DELETE FROM stored_file WHERE id = ?", (row_id,))
            continue
        with source:
            if _add(archive, f"uploads/{path}", source) != sha256:
                missing.append(path)
    for (path,) in database.execute(_IMAGES).fetchall():
        try:
            with (uploads.folder() / path).open("rb") as source:
                _add(archive, f"uploads/{path}", source)
        except OSError:
            missing.append(path)
    database.commit()
    return missing


def _add(archive, name, source):
    """Adds an open file to the archive, uncompressed as uploads hardly shrink, and answers its SHA-256 in hex."""
    digest = hashlib.sha256()
    entry = zipfile.ZipInfo.from_file(source.name, name, strict_timestamps=False)
    with archive.open(entry, "w") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


# -- restore


def restore(source):
    """Puts the archive `source` into this instance and brings its database to the newest migration.

    Everything is unpacked beside its place and looked at first: raises Refused, with nothing changed, when the instance
    holds anything, when the site runs, or when the archive is damaged, hostile, or of a newer program.
    """
    instance = Path(current_app.instance_path)
    _refuse_unless_empty(instance)
    try:
        with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory(dir=instance, prefix=".restore-") as folder:
            names = _checked_names(archive)
            _refuse_unless_known(archive)
            if sum(archive.getinfo(name).file_size for name in names) > shutil.disk_usage(instance).free:
                raise Refused("磁盘空间不足。 There is not enough room on the disk.")
            for name in names:
                _extract(archive, name, Path(folder) / name)
            with closing(sqlite3.connect(Path(folder) / DATABASE)) as database:
                _refuse_damaged(database)
            _put_in_place(Path(folder), instance)
    except (zipfile.BadZipFile, OSError, EOFError, sqlite3.DatabaseError) as error:
        raise Refused(f"{source} 无法读取或恢复。 It cannot be read or restored. ({error})") from error
    first_run.prepare(current_app)


def _refuse_unless_empty(instance):
    """Empty is what the first start leaves: nobody in the database, no stored file, the shipped call, fresh settings."""
    name, text = first_run.first_call()
    calls = {path.relative_to(instance).as_posix(): path.read_bytes() for path in (instance / "calls").rglob("*") if path.is_file()}
    written = (instance / SETTINGS).read_text("utf-8")
    found = {
        "数据库中的账号 accounts in the database": db.session.query(User).count() > 0,
        "uploads/": bool(uploads.on_disk()),
        "calls/": calls not in ({}, {f"calls/{name}": text.encode()}),
        SETTINGS: written != settings.TEMPLATE.format(secret_key=tomllib.loads(written).get("secret_key")),
    }
    db.session.remove()
    in_the_way = [what for what, there in found.items() if there]
    if in_the_way:
        raise Refused(f"{instance} 不是空的实例，未作改动： It is not empty, nothing was changed: {', '.join(in_the_way)}")


def _checked_names(archive):
    """The names of all members, each a file we would have written ourselves; Refused when there is any other."""
    members = archive.infolist()
    names = [member.filename for member in members]
    for member in members:
        link = member.external_attr >> 16 & 0o170000 not in (0, 0o100000)
        if link or not _is_ours(member.filename):
            raise Refused(f"备份中有不应出现的内容，未作改动： It holds what no backup does, nothing was changed: {member.filename!r}")
    if len(set(names)) < len(names) or not {MANIFEST, DATABASE, SETTINGS} <= set(names):
        raise Refused("这不是本程序的备份。 This is no backup made by this program.")
    return names


def _is_ours(name):
    path = PurePosixPath(name)
    in_calls = path.parts[0:1] == ("calls",) and len(path.parts) > 1 and ".." not in path.parts and str(path) == name
    return name in (MANIFEST, DATABASE, SETTINGS) or bool(_STORED_FILE.fullmatch(name)) or in_calls and "\\" not in name and ":" not in name


def _refuse_unless_known(archive):
    try:
        with archive.open(MANIFEST) as file:
            about = json.loads(file.read(_CHUNK))
        known = about["format"] == FORMAT and about["migration"] in _migrations()
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise Refused("备份来自更新的版本，请先升级程序。 The backup is of a newer version; upgrade this program first.")


def _migrations():
    scripts = ScriptDirectory(str(first_run.MIGRATIONS))
    return {script.revision for script in scripts.walk_revisions()}


def _extract(archive, name, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    # Reading to the end compares the checksum of the archive.
    with archive.open(name) as source, _private(path) as target:
        shutil.copyfileobj(source, target, _CHUNK)


def _refuse_damaged(database):
    (result,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if result != "ok":
        raise Refused(f"数据库已损坏，未作改动。 The database is damaged, nothing was changed. ({result})")


def _put_in_place(folder, instance):
    """Folders first, the database last: where this is broken off, nobody can sign in, and the next try says what is in the way."""
    db.engine.dispose()
    with closing(sqlite3.connect(instance / DATABASE, timeout=0)) as old:
        try:
            # Refused by SQLite while anybody else has the database open; leaves no log behind.
            old.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise Refused(f"网站正在运行，请先停止。 The site is running; stop it first. ({error})") from error
    for name in ("uploads", "calls"):
        shutil.rmtree(instance / name)
        (folder / name).mkdir(exist_ok=True)
        (folder / name).rename(instance / name)
    for name in (SETTINGS, DATABASE):
        (folder / name).replace(instance / name)
    _sync_folder(instance)


def _sync_folder(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
