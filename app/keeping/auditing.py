"""Audit: whether the database is whole, what it says agrees with itself, and every stored file is there unchanged."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import undefer

from app.desk import listed_rows
from app.extensions import PATIENCE_SECONDS, db
from app.files import uploads
from app.languages import Text
from app.models import Application, CallVersion, Event, FormalCheck, Snapshot, StoredFile, User

RESTORE = Text(
    zh="请停止网站，完整复制实例文件夹留存，再用 flask restore 把最近的备份恢复到一个空的实例。",
    en="Stop the site, keep a copy of the whole instance folder, and restore the newest backup into an empty one: flask restore.",
)
CHANGED_BY_HAND = Text(
    zh="有人绕过网站改动了数据库。请与最近的备份核对，并联系申报人确认。",
    en="Somebody changed the database past the site. Compare it with the newest backup, and ask the applicant.",
)
RELIST = Text(zh="请运行 flask relist 重建列表。", en="Run: flask relist, which writes the list anew.")
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and what to do about it."""

    wrong: Text
    remedy: Text


@dataclass
class Report:
    """`checked` counts what was looked at: applications, submissions, files, bytes."""

    findings: list = field(default_factory=list)
    checked: dict = field(default_factory=dict)

    def add(self, remedy, *, zh, en):
        self.findings.append(Finding(Text(zh=zh, en=en), remedy))


def audit(settle=PATIENCE_SECONDS + 2):
    """Looks at everything and answers a Report; changes nothing, and works while the site runs.

    A file that nobody refers to may be an upload whose row is being written: it counts when it is still there, and still
    nobody's, `settle` seconds later. Inside the app's context.
    """
    report = Report()
    for look in (_integrity, _applications, _snapshots, _listed, _call_versions, _erased, _files, _images, _strays):
        try:
            look(report, settle) if look is _strays else look(report)
        except DatabaseError as error:
            report.add(RESTORE, zh=f"数据库无法读取（{error.orig}）。", en=f"The database cannot be read ({error.orig}).")
        finally:
            # A read that stays open would keep the write-ahead log from being folded back while files are hashed.
            db.session.rollback()
    return report


def _integrity(report):
    for message in db.session.scalars(db.text("PRAGMA integrity_check(20)")):
        if message != "ok":
            report.add(RESTORE, zh=f"数据库文件已损坏：{message}。", en=f"The database file is damaged: {message}.")
    for table, row, parent, _constraint in db.session.execute(db.text("PRAGMA foreign_key_check")):
        report.add(
            CHANGED_BY_HAND,
            zh=f"表 {table} 的第 {row} 行所引用的 {parent} 记录不存在。",
            en=f"Row {row} of the table {table} refers to a row of {parent} that does not exist.",
        )


def _applications(report):
    """Numbers agree with sequences and snapshots, snapshots are numbered without gaps, checks are of their own application."""
    numbers = {}
    for application_id, n in db.session.execute(db.select(Snapshot.application_id, Snapshot.n).order_by(Snapshot.n)):
        numbers.setdefault(application_id, []).append(n)
    rows = db.session.execute(db.select(Application, User.deleted_at).join(User, isouter=True)).all()
    for application, owner_deleted_at in rows:
        name, found = application.number or application.ref, numbers.get(application.id, [])
        if found != list(range(1, len(found) + 1)):
            report.add(
                CHANGED_BY_HAND,
                zh=f"申报 {name} 的提交次序不连续：{found}。",
                en=f"The submissions of application {name} are numbered {found}, with gaps.",
            )
        # When an account is deleted, only the number of what was withdrawn stays.
        emptied = application.withdrawn_at and owner_deleted_at
        if bool(application.number) != bool(found) and not emptied or bool(application.number) != bool(application.sequence):
            report.add(
                CHANGED_BY_HAND,
                zh=f"申报 {name} 的编号与提交记录不一致：编号 {application.number}，序号 {application.sequence}，提交 {len(found)} 次。",
                en=f"Application {name} has number {application.number} and sequence {application.sequence}, but {len(found)} submissions.",
            )
        elif application.number and not application.number.endswith(f"-{application.sequence:04d}"):
            report.add(
                CHANGED_BY_HAND,
                zh=f"申报 {name} 的编号与序号 {application.sequence} 不一致。",
                en=f"The number of application {name} does not end in its sequence {application.sequence}.",
            )
    of_another = db.select(FormalCheck.id).join(Snapshot, FormalCheck.snapshot_id == Snapshot.id)
    for check_id in db.session.scalars(of_another.where(FormalCheck.application_id != Snapshot.application_id)):
        report.add(
            CHANGED_BY_HAND,
            zh=f"第 {check_id} 号形审记录指向另一份申报的提交。",
            en=f"The formal check {check_id} is of another application's submission.",
        )
    report.checked["applications"] = len(rows)


def _snapshots(report):
    """Every snapshot is whole: its receipt unchanged and its own, its files known, its handing-in in the history."""
    columns = (StoredFile.ref, StoredFile.application_id, StoredFile.size, StoredFile.sha256)
    files = {file.ref: file for file in db.session.execute(db.select(*columns))}
    events = db.session.execute(db.select(Event.application_id, Event.details).where(Event.what == "submitted"))
    history = {(application_id, details.get("n"), details.get("sha256")) for application_id, details in events}
    report.checked["submissions"] = 0
    query = db.select(Snapshot, Application.number, Application.call_id).join(Application).options(undefer(Snapshot.receipt))
    for snapshot, number, call_id in db.session.execute(query.order_by(Snapshot.id).execution_options(yield_per=50)):
        report.checked["submissions"] += 1
        for zh, en in _wrong_in(snapshot, number, call_id, files, history):
            name = f"{number}/{snapshot.n}"
            report.add(CHANGED_BY_HAND, zh=f"提交 {name}：{zh}。", en=f"Submission {name}: {en}.")
        db.session.expunge(snapshot)


def _wrong_in(snapshot, number, call_id, files, history):
    if hashlib.sha256(snapshot.receipt.encode()).hexdigest() != snapshot.sha256:
        yield "回执内容与校验值不符", "the receipt was changed: it does not fit its SHA-256"
    try:
        receipt = json.loads(snapshot.receipt)
        said = (receipt["number"], receipt["submission"], receipt["call"])
        hashes = sorted(file["sha256"] for file in receipt["files"])
    except (ValueError, KeyError, TypeError):
        yield "回执无法读取", "the receipt cannot be read"
        return
    if said != (number, snapshot.n, call_id):
        yield "回执属于另一次提交", "the receipt is that of another submission"
    if hashes != sorted(file["sha256"] for file in snapshot.files):
        yield "回执与提交的文件清单不一致", "the receipt and the submission list different files"
    for file in snapshot.files:
        row = files.get(file["ref"])
        if row is None:
            yield f"所列文件“{file['name']}”没有记录", f"its file “{file['name']}” is not known any more"
        elif (row.application_id, row.size, row.sha256) != (snapshot.application_id, file["size"], file["sha256"]):
            yield f"所列文件“{file['name']}”与记录不一致", f"its file “{file['name']}” differs from what was handed in"
    if (snapshot.application_id, snapshot.n, snapshot.sha256) not in history:
        yield "历史中没有这次提交", "the history knows nothing of it"


def _listed(report):
    for name in [application.number or application.ref for application in listed_rows.differing()]:
        report.add(
            RELIST,
            zh=f"工作台列表中申报 {name} 的信息与申报本身不一致。",
            en=f"The list of the desk says something else of application {name} than the application itself.",
        )


def _call_versions(report):
    for version in db.session.scalars(db.select(CallVersion).options(undefer(CallVersion.source))):
        if hashlib.sha256(version.source.encode()).hexdigest() != version.sha256:
            report.add(
                CHANGED_BY_HAND,
                zh=f"征集 {version.call_id} 的第 {version.id} 号存档与校验值不符。",
                en=f"The kept version {version.id} of the call {version.call_id} does not fit its SHA-256.",
            )
    unknown = db.select(Application.call_id).where(Application.call_id.not_in(db.select(CallVersion.call_id))).distinct()
    for call_id in db.session.scalars(unknown):
        report.add(
            CHANGED_BY_HAND,
            zh=f"有申报属于征集 {call_id}，但没有它的任何存档。",
            en=f"There are applications to the call {call_id}, but no version of it is kept.",
        )


def _erased(report):
    """Of what was erased after its time nothing is left on the disk: else that was broken off."""
    left = db.select(Application.number, Application.ref, db.func.count(StoredFile.id)).join(StoredFile)
    go_on = Text(zh="请运行flask retention --apply，把中断的清除做完。", en="Finish what was broken off: flask retention --apply.")
    for number, ref, files in db.session.execute(left.where(Application.erased_at.is_not(None)).group_by(Application.id)):
        name = number or ref
        report.add(
            go_on,
            zh=f"申报 {name} 已到期清除，但还有 {files} 个文件没有删除。",
            en=f"Application {name} was erased after its time, but {files} of its files are not deleted yet.",
        )


def _files(report):
    """The bytes of every row; a row that goes meanwhile, because its file was removed, is no finding."""
    columns = (StoredFile.id, StoredFile.path, StoredFile.size, StoredFile.sha256, StoredFile.original_name)
    query = db.select(*columns, Application.number, Application.ref).join(Application, isouter=True)
    rows = db.session.execute(query.order_by(StoredFile.id)).all()
    report.checked |= {"files": len(rows), "bytes": 0}
    for row in rows:
        db.session.rollback()
        try:
            size, sha256 = _measure(uploads.folder() / row.path)
        except OSError:
            size = sha256 = None
        report.checked["bytes"] += size or 0
        if (size, sha256) == (row.size, row.sha256) or not uploads.is_known(row.path):
            continue
        name, owner = row.original_name, row.number or row.ref
        put_back = Text(
            zh=f"请从备份中取回 uploads/{row.path}；没有备份时，请申报人重新上传。",
            en=f"Put uploads/{row.path} back from a backup; without one, ask the applicant to upload it again.",
        )
        if size is None:
            zh, en = f"申报 {owner} 的文件“{name}”不在磁盘上", f"The file “{name}” of application {owner} is not on the disk"
        elif size != row.size:
            zh = f"申报 {owner} 的文件“{name}”大小不符：应为 {row.size:,} 字节，实为 {size:,} 字节"
            en = f"The file “{name}” of application {owner} has {size:,} bytes instead of {row.size:,}"
        else:
            zh, en = f"申报 {owner} 的文件“{name}”内容已改变", f"The file “{name}” of application {owner} was changed"
        report.add(put_back, zh=f"{zh}（uploads/{row.path}）。", en=f"{en} (uploads/{row.path}).")


def _images(report):
    """The seals and signatures of certificates, whose paths follow from their bytes."""
    put_back = Text(
        zh="请从备份中取回；没有备份时，请在证书设计中重新上传同一图片。",
        en="Put it back from a backup; without one, upload the same picture again.",
    )
    for path in sorted(uploads.images()):
        try:
            _size, sha256 = _measure(uploads.folder() / path)
        except OSError:
            sha256 = ""
        if not sha256.startswith(PurePosixPath(path).stem):
            report.add(
                put_back,
                zh=f"证书所用的图片 uploads/{path} 不在磁盘上或已改变。",
                en=f"The picture uploads/{path} of certificates is lost or was changed.",
            )


def _measure(path):
    """(bytes, SHA-256 in hex) of a file."""
    size, digest = 0, hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()


def _strays(report, settle):
    strays = _nobodys()
    if strays and settle:
        db.session.rollback()
        time.sleep(settle)
        strays &= _nobodys()
    delete = Text(
        zh="网站下次启动时会清除；如数量很多，请先确认数据库与上传文件夹属于同一个网站。",
        en="The next start of the site removes it; where there are many, make sure first that database and uploads belong together.",
    )
    for path in sorted(strays):
        zh, en = f"没有任何申报引用磁盘上的文件 uploads/{path}。", f"No application refers to the file uploads/{path} on the disk."
        report.add(delete, zh=zh, en=en)


def _nobodys():
    # The disk first: what is stored in between has its row by the time the rows are read.
    on_disk = uploads.on_disk()
    return on_disk - set(db.session.scalars(db.select(StoredFile.path))) - uploads.images()
