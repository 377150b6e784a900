"""What an organizer types into a console: `flask call …`, `flask organizer …`, `flask demo`."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app import demo, rules
from app.call import loading
from app.keeping import keeping_commands
from app.people import accounts, second_factor, staff

call = AppGroup("call", help="Check a call for entries, or make the next edition. 检查征集文件，或生成下一届。")
organizer = AppGroup("organizer", help="People who run the site. 管理网站的人。")


def init_app(app):
    for group in (call, organizer):
        app.cli.add_command(group)
    app.cli.add_command(fill_demo)
    keeping_commands.init_app(app)


@call.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file):
    """Says what is wrong in FILE, line by line; exit status 1 if anything is. 逐行检查文件。"""
    _loaded, problems = loading.read(file)
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(1)
    click.echo(f"{file}: everything is right. 没有问题。")


@call.command("new")
@click.argument("new_id")
@click.option("--from", "old_id", required=True, help="The call to copy; both ids end in their year.")
def new(new_id, old_id):
    """Makes the file of next year's edition out of an earlier one, every year in it replaced. 由上一届生成新一届的文件。"""
    from flask import current_app

    folder = Path(current_app.instance_path) / "calls"
    source, target = folder / f"{old_id}.toml", folder / f"{new_id}.toml"
    years = [call_id[-4:] for call_id in (old_id, new_id)]
    if not all(year.isdigit() for year in years):
        sys.exit("Both ids must end in their year, such as wic-awards-2028. 两个名称都必须以年份结尾。")
    if not source.exists():
        sys.exit(f"There is no {source}. 找不到这个文件。")
    if target.exists():
        sys.exit(f"{target} exists already; nothing was changed. 文件已存在，未作改动。")
    target.write_text(loading.source_for_edition(source.read_text("utf-8-sig"), *map(int, years)), "utf-8")
    click.echo(f"{target}: please read it through, dates first. 请通读一遍，尤其是日期。")


@organizer.command("add")
@click.argument("email")
@click.option("--address", default="", help="Where people reach the site; default: the setting. 网站的网址，默认为设置中的 address。")
def add(email, address):
    """Makes EMAIL an organizer; prints a link to choose a password where there is no account yet. 添加管理员。"""
    from flask import current_app

    settings = current_app.config["SETTINGS"]
    settings["address"] = address.rstrip("/") or settings["address"]
    try:
        user, url = staff.make_organizer(email=email, now=rules.now())
    except ValueError as error:
        sys.exit(f"{error} 请填写完整的邮箱地址。")
    click.echo(f"{user.email} is an organizer now. 已成为管理员。")
    if url:
        click.echo(f"Choose a password here within 48 hours: 请在 48 小时内打开此链接设置密码：\n{url}")
        if not settings["address"]:
            click.echo("If the site runs elsewhere, give its address: --address https://… 如网站在别的网址运行，请用--address给出。")


@organizer.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email):
    """Lets EMAIL in by password alone again, when the phone and the recovery codes are lost. 手机和恢复码都丢失时，重置两步验证。"""
    user = accounts.find(email)
    if user is None:
        sys.exit(f"There is no account {email}. 没有这个账号。")
    second_factor.reset(user=user, now=rules.now())
    click.echo(f"{user.email} signs in by password alone now, and was signed out everywhere. 现在只需密码登录，并已在所有设备退出。")


@click.command("demo")
@click.option("--folder", type=click.Path(path_type=Path), default=None, help="Where to put it; default: demo inside the instance folder.")
def fill_demo(folder):
    """Fills a separate instance with made-up applications of every status. 用虚构的申报填充一个独立的演示站点。"""
    from flask import current_app

    folder = (folder or Path(current_app.instance_path) / "demo").resolve()
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty; nothing was changed. Remove it first. 文件夹不是空的，未作改动，请先删除。")
    for line in demo.fill(folder):
        click.echo(line)
