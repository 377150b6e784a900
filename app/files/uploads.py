"""The only door to the disk: size, type, name, store, open, remove.

Nothing here trusts a name: the path below `uploads/` is generated, the shown name lives in the row. Bytes are never
rewritten, so signatures stay valid.
"""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l

from app import rules
from app.applying.drafts import Refused, attached, moved, refuse
from app.applying.working_copy import WorkingCopy
from app.call.schema import MAX_FILE_BYTES
from app.extensions import db, writing
from app.files import file_checks, file_names
from app.models import Application, Certificate, CertificateDesign, StoredFile, record
from app.people import limits

_CHUNK = 256 * 1024
RESERVE = 200 * 1024 * 1024
"""Bytes of the disk that uploads leave free: without them no text could be saved either."""
IMAGES = ("png", "jpg", "jpeg")
STRAYS = 100
"""More files than a crash can leave behind: one for each thread that stores an upload."""


def folder():
    return Path(current_app.instance_path) / "uploads"


def store(*, application, call, kind, name, stream, now):
    """Checks and stores one uploaded file and answers its StoredFile; durable when this returns.

    `name` is what the browser said, `stream` a readable binary file, `kind` the id of a kind of files of the call.
    Raises Refused with the reason in words; then nothing is left behind.
    """
    _refuse_more(application, call, now)
    shown = file_names.display_name(name)
    extension = file_names.extension(name)
    asking = WorkingCopy(application, call, now).call
    if asking.file_kind(kind) is None:
        raise Refused(_l("Choose what kind of material this is."))
    if extension not in asking.files.types:
        raise Refused(file_checks.refused_extension_reason(extension, asking.files.types))
    path, size, sha256 = _take_in(stream, extension, lambda _sha256: f"{secrets.token_hex(1)}/{secrets.token_hex(16)}.{extension}")
    zh, en = file_names.titles(shown)
    try:
        with writing() as session:
            _refuse_more(application, call, now)
            stored = StoredFile(
                kind=kind, title_zh=zh, title_en=en, original_name=shown, extension=extension, size=size, sha256=sha256,
                path=path, position=max((file.position for file in application.files), default=0) + 1, uploaded_at=now,
            )  # fmt: skip
            application.files.append(stored)
            application.changed_at = now
            record("file uploaded", at=now, user_id=application.user_id, application=application, name=shown, sha256=sha256)
            session.flush()
    except BaseException:
        discard([path])
        raise
    return stored


def _refuse_more(application, call, now):
    refuse(rules.may_add_files(application, call, now))
    refuse(limits.full(attached(application)))
    refuse(limits.done_too_often("file uploaded", user_id=application.user_id, now=now))


def store_image(*, name, stream):
    """Checks and stores a seal or a signature, and answers its path, which follows from its bytes: the same picture is kept once.

    A path stays valid as long as `images` names it. Raises Refused with the reason in words.
    """
    extension = file_names.extension(file_names.display_name(name))
    refuse(file_checks.refused_extension_reason(extension, IMAGES))
    return _take_in(stream, extension, lambda sha256: f"{sha256[:2]}/{sha256[:32]}.{extension}")[0]


def image(path):
    """The bytes of a seal or a signature; None without a path. Raises FileNotFoundError when they are gone."""
    return (folder() / path).read_bytes() if path else None


def images():
    """The paths of every seal and signature: of the designs as they are, and of what was issued with earlier ones."""
    columns = [
        column
        for name in ("seal", "signature")
        for column in (getattr(CertificateDesign, name), Certificate.details[name].as_string())
    ]
    return {path for column in columns for path in db.session.scalars(db.select(column).distinct()) if path}


def _take_in(stream, extension, place):
    """(path, bytes, SHA-256 in hex) of what was checked and stored, durable when this returns; `place` makes the path of the SHA-256."""
    temporary = f"incoming/{secrets.token_hex(16)}"
    try:
        if shutil.disk_usage(folder()).free < RESERVE:
            current_app.logger.error("An upload was refused: %s has less than %s bytes free", folder(), RESERVE)
            raise Refused(_l("There is no room for more files on the server just now. Nothing else was lost; please try again later."))
        size, sha256 = _write(stream, folder() / temporary)
        reason = file_checks.check(folder() / temporary, extension)
        if reason is not None:
            raise Refused(reason)
        path = place(sha256)
        _put_in_place(folder() / temporary, folder() / path)
    except BaseException as error:
        discard([temporary])
        if not isinstance(error, OSError):
            raise
        current_app.logger.exception("An upload could not be stored")
        raise Refused(_l("The server cannot take files just now. Nothing else was lost; please try again later.")) from error
    return path, size, sha256


def _write(stream, path):
    """Writes the stream to `path`, down to the disk; (bytes, SHA-256 in hex). Stops at the first byte too many."""
    # Not its parents: an uploads folder that is gone, as on a disk that is not mounted, must not be made anew elsewhere.
    path.parent.mkdir(exist_ok=True)
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as target:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_FILE_BYTES:
                raise Refused(_l("The file is larger than 5 MB (5,242,880 bytes). Please make it smaller, or split it."))
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if size == 0:
        raise Refused(_l("The file is empty. It may not have been copied completely; please check it and choose it again."))
    return size, digest.hexdigest()


def _put_in_place(temporary, path):
    path.parent.mkdir(exist_ok=True)
    # A picture with these very bytes may be there already, and in use.
    new = not path.exists()
    temporary.rename(path)
    try:
        for parent in (path.parent, path.parent.parent):
            descriptor = os.open(parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except OSError:
        if new:
            path.unlink(missing_ok=True)
        raise


def location(stored):
    """The Path of a stored file; raises FileNotFoundError when its bytes are gone."""
    path = folder() / stored.path
    if not path.is_file():
        raise FileNotFoundError(stored.path)
    return path


def remove(*, application, call, ref, now):
    """Detaches a file from the draft. Its bytes go only when no snapshot refers to them."""
    with writing() as session:
        refuse(rules.may_change_file(application, call, now, ref))
        stored = find(application, ref)
        if stored is None:
            return
        stored.removed_at = now
        application.changed_at = now
        record("file removed", at=now, user_id=application.user_id, application=application, name=stored.original_name)
        gone = not any(file["ref"] == ref for snapshot in application.snapshots for file in snapshot.files)
        if gone:
            session.delete(stored)
    if gone:
        discard([stored.path])


def find(application, ref):
    """The attached file with this ref, or None."""
    return next((file for file in attached(application) if file.ref == ref), None)


def describe(*, application, call, described, now):
    """Stores titles and kinds as typed: `{ref: {"zh": …, "en": …, "kind": …}}`, each key optional; all of them, or Refused."""
    refuse(rules.may_edit(application, call, now))
    asking = WorkingCopy(application, call, now).call
    # Every upload and every button of the page posts what is stored already: that is no reason to write.
    if not any(_described_anew(stored, asking, described) for stored in attached(application)):
        return
    with writing():
        for stored in attached(application):
            for name, value in _described_anew(stored, asking, described).items():
                refuse(rules.may_change_file(application, call, now, stored.ref))
                setattr(stored, name, value)
                application.changed_at = now


def _described_anew(stored, call, described):
    """`{attribute: value}` of what is described otherwise than it is stored."""
    given = described.get(stored.ref, {})
    values = {
        "title_zh": given.get("zh", stored.title_zh),
        "title_en": given.get("en", stored.title_en),
        "kind": given["kind"] if call.file_kind(given.get("kind")) else stored.kind,
    }
    return {name: value for name, value in values.items() if getattr(stored, name) != value}


def move(*, application, call, ref, verb, now):
    """Moves a file one place "up" or "down" among those of its kind."""
    with writing():
        refuse(rules.may_move_files(application, call, now))
        stored = find(application, ref)
        if stored is None:
            return
        peers = [file for file in attached(application) if file.kind == stored.kind]
        places = sorted(file.position for file in peers)
        for position, file in zip(places, moved(peers, stored, verb), strict=True):
            file.position = position
        application.changed_at = now


def in_order(call, files):
    """Files by kind, core kinds first, then as the applicant ordered them."""
    kinds = sorted(call.files.kinds, key=lambda kind: not kind.core)
    place = {kind.id: number for number, kind in enumerate(kinds)}
    return sorted(files, key=lambda file: (place.get(file.kind, len(place)), file.position, file.id))


def listed(call, files):
    """The files as receipts, indexes and exports say them: a list of dicts in order, numbered from 1, names made unique."""
    ordered = in_order(call, files)
    names = file_names.unique(
        [file_names.download_name(number, file.title_zh, file.title_en, file.extension) for number, file in enumerate(ordered, 1)]
    )
    return [
        {
            "order": number,
            "ref": file.ref,
            "kind": call.file_kind(file.kind).name.model_dump() if call.file_kind(file.kind) else {"zh": file.kind, "en": file.kind},
            "core": bool(call.file_kind(file.kind) and call.file_kind(file.kind).core),
            "zh": file.title_zh,
            "en": file.title_en,
            "name": name,
            "type": file.extension,
            "size": file.size,
            "sha256": file.sha256,
        }
        for number, (file, name) in enumerate(zip(ordered, names, strict=True), 1)
    ]


def untitled(files):
    """What is wrong with the names of these files: (input name, sentence) for each that lacks one language."""
    sentences = {
        "zh": lambda name: _l("Give “%(name)s” a Chinese name.", name=name),
        "en": lambda name: _l("Give “%(name)s” an English name.", name=name),
    }
    return [
        (f"title-{file.ref}-{side}", sentence(file.original_name))
        for file in files
        for side, sentence in sentences.items()
        if not getattr(file, f"title_{side}").strip()
    ]


def probe():
    """Raises OSError when the uploads folder cannot be written to."""
    path = folder() / "incoming" / f"probe-{secrets.token_hex(4)}"
    path.parent.mkdir(exist_ok=True)
    try:
        path.write_bytes(bytes(4096))
    finally:
        path.unlink(missing_ok=True)


def discard(paths):
    """Unlinks the bytes at `paths`, and answers those that cannot be; what is gone already is fine.

    What is left although no row refers to it is swept at the next start.
    """
    left = []
    for path in paths:
        try:
            (folder() / path).unlink(missing_ok=True)
        except OSError:
            left.append(path)
    return left


def is_known(path):
    """Whether a row refers to `path` now, other than of an application whose files are being erased. Its id would not tell:
    SQLite gives that of a removed file to the next one.
    """
    db.session.rollback()
    known = db.select(StoredFile.id).join(Application).where(StoredFile.path == path, Application.erased_at.is_(None))
    return db.session.scalar(known) is not None


def on_disk():
    """The paths, below the uploads folder, of all that lies there."""
    return {path.relative_to(folder()).as_posix() for path in folder().rglob("*") if not path.is_dir()}


def sweep():
    """Unlinks files no row refers to, left by a crash between the disk and the row; call only before serving.

    More of them than a crash can leave are kept: then this is another database than the one the files belong to.
    """
    strays = on_disk() - set(db.session.scalars(db.select(StoredFile.path))) - images()
    unfinished = {path for path in strays if path.startswith("incoming/")}
    discard(unfinished)
    if len(strays - unfinished) > STRAYS:
        current_app.logger.error("%s files in %s belong to no application; nothing was removed. Run: flask audit", len(strays), folder())
    else:
        discard(strays)
