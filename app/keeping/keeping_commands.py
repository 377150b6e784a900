"""What keeps a site's data safe, typed into a console: `flask audit`, `backup`, `restore`, `retention`, `mail …`."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from app import rules
from app.desk import listed_rows
from app.keeping import auditing, backups, retention
from app.mails import mail_to_many, mailing

mail = AppGroup("mail", help="Mails that wait, failed or were sent. 等待、失败和已发送的邮件。")


def init_app(app):
    for command in (audit, relist, backup, restore, retain, mail):
        app.cli.add_command(command)


@click.command("audit")
def audit():
    """Checks the database and every stored file; exit status 1 if anything is wrong. 检查数据库和所有已存文件。"""
    report = auditing.audit()
    _tell(report)
    sys.exit(1 if report.findings else 0)


@click.command("relist")
def relist():
    """Writes the list of the desk anew, where the audit says that it differs. 重建工作台的列表。"""
    listed_rows.list_anew()
    click.echo("列表已重建。 The list was written anew.")


def _tell(report):
    for finding in report.findings:
        for language in ("zh", "en"):
            click.echo(f"{finding.wrong[language]} {finding.remedy[language]}")
    counts = {name: f"{report.checked.get(name, 0):,}" for name in ("applications", "submissions", "files", "bytes")}
    click.echo("已检查 {applications} 份申报、{submissions} 次提交、{files} 个文件（{bytes} 字节）。".format(**counts))
    click.echo("Checked {applications} applications, {submissions} submissions, {files} files ({bytes} bytes).".format(**counts))
    if report.findings:
        click.echo(f"发现 {len(report.findings)} 处问题。 Wrong: {len(report.findings)}.")
    else:
        click.echo("没有问题。 Nothing is wrong.")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file):
    """Writes database, uploads, calls, settings and keys into FILE, a ZIP; the site may run. 备份为一个文件，网站可照常运行。"""
    try:
        missing = backups.backup(file)
    except backups.Refused as error:
        sys.exit(str(error))
    for path in missing:
        click.echo(f"uploads/{path}: 文件缺失或已损坏，请运行 flask audit。 Missing or damaged; run: flask audit")
    click.echo(f"{file}: {file.stat().st_size:,} bytes")
    click.echo("备份完成，其中含密钥和个人信息，请妥善保管。 It holds keys and personal data; keep it safe.")
    sys.exit(1 if missing else 0)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file):
    """Puts the backup FILE into this instance, which must be empty, and audits it. 把备份恢复到这个空的实例，并检查。"""
    try:
        backups.restore(file)
    except backups.Refused as error:
        sys.exit(str(error))
    click.echo("已恢复。现在可以启动网站。 Restored. The site can be started now.")
    report = auditing.audit(settle=0)
    _tell(report)
    sys.exit(1 if report.findings else 0)


DAYS = click.IntRange(min=rules.LEAST_DAYS_KEPT, max=36_500)
GOES = {
    "drafts": "份草稿将彻底清除 drafts go wholly",
    "anonymize": "份申报将匿名化 applications are anonymized",
    "erase": "份申报将清除，只留编号、日期和结果 applications are erased but for number, dates and result",
}


@click.command("retention")
@click.option("--call", "call_id", default=None, help="Only of this past call; default: of all. 只处理这一届，默认处理所有已截止的征集。")
@click.option("--keep-drafts", is_flag=True, help="Leave the drafts. 保留草稿。")
@click.option("--drafts-after", type=DAYS, default=rules.DAYS_KEPT["drafts"], show_default=True,
              help="Days after the deadline. 截止后天数。")  # fmt: skip
@click.option("--applications", "what", type=click.Choice(["keep", "anonymize", "erase"]), default="anonymize", show_default=True,
              help="What is done to applications that were handed in. 对已提交申报的处理：保留、匿名化、清除。")  # fmt: skip
@click.option("--applications-after", type=DAYS, default=rules.DAYS_KEPT["applications"], show_default=True,
              help="Days after the deadline. 截止后天数。")  # fmt: skip
@click.option("--apply", "doing", is_flag=True, help="Do it; without it, it only says what would go. 实际执行；不加时只列出。")
def retain(call_id, keep_drafts, drafts_after, what, applications_after, doing):
    """Erases or anonymizes what past calls have left, once its time is over; a dry run first. 清除已过保存期限的草稿和申报。"""
    from flask import current_app

    now = rules.now()
    past = {call.id: call for call in retention.past_calls(current_app.calls, now)}
    if call_id is not None and call_id not in past:
        known = "、".join(past) or "—"
        sys.exit(f"{call_id}不是已截止的征集。 It is not a call that has closed. 已截止的有 Closed: {known}")
    wanted = [("drafts", drafts_after)] * (not keep_drafts) + [(what, applications_after)] * (what != "keep")
    if doing:
        retention.finish()
    for call in [past[call_id]] if call_id else past.values():
        for kind, days in wanted:
            _retain(retention.Task(call, kind, days), now, doing)
    if not doing:
        click.echo("以上为预览，没有改动任何内容；加--apply执行。 Nothing was changed; to do it, add --apply.")


def _retain(task, now, doing):
    counted = retention.count(task, now)
    click.echo(f"{task.call.id}: {counted.applications} {GOES[task.what]}（{counted.files}个文件 files, {counted.bytes:,} bytes）")
    for row in retention.listed(task, now):
        title = " / ".join(filter(None, (row.title_zh, row.title_en)))
        click.echo(f"  {row.number or '—'}  {row.created_at:%Y-%m-%d}  {title}")
    if doing:
        try:
            done = sum(retention.carry_out(task, by=None, now=now))
        except (OSError, OperationalError) as error:
            sys.exit(f"中断，再次运行即可继续。 Broken off; run it again to go on. ({error})")
        click.echo(f"{task.call.id}: 已处理 {done} 份。 Done: {done}.")


@mail.command("list")
@click.option("--all", "everything", is_flag=True, help="Those sent, too. 包括已发送的。")
def list_mails(everything):
    """Mails that wait or were given up, oldest first: when they are due, how often tried, the last error. 列出邮件。"""
    rows = mailing.listed(everything)
    for row in rows:
        if row.sent_at:
            state = f"sent 已发送 {row.sent_at:%Y-%m-%d %H:%M} UTC"
        elif row.due_at:
            state = f"due 待发送 {row.due_at:%Y-%m-%d %H:%M} UTC"
        else:
            state = "given up 已放弃"
        click.echo(f"{row.id}  {row.recipient}  “{row.subject}”  {state}  tries 已试 {row.tries}" + (f"  {row.error}" if row.error else ""))
    if not rows:
        click.echo("没有邮件。 There are none.")


@mail.command("send")
def send():
    """Sends now what is due, without waiting for the site to do it; exit status 1 if one failed. 立即发送到期的邮件。"""
    tries = {row.id: row.tries for row in mailing.listed()}
    mail_to_many.go_on(rules.now())
    sent = mailing.send_waiting(rules.now())
    click.echo(f"已发送 {sent} 封。 Sent: {sent}.")
    failed = [row for row in mailing.listed() if row.error and row.tries > tries.get(row.id, 0)]
    for row in failed:
        click.echo(f"{row.id}  {row.recipient}  {row.error}")
    sys.exit(1 if failed else 0)


@mail.command("retry")
@click.argument("ids", nargs=-1, type=int)
def retry(ids):
    """Makes mails due now that failed or were given up: all of them, or those named by IDS. 重新发送失败的邮件。"""
    try:
        count = mailing.retry(ids, rules.now())
    except OperationalError as error:
        sys.exit(f"数据库正忙，请稍后再试。 The database is busy; try again later. ({error.orig})")
    click.echo(f"{count} 封邮件将重新发送。 Due now: {count}.")
