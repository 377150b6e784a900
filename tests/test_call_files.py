"""Writing a call file at the desk: whole or not at all, never over what somebody else wrote, never against what applicants have."""

import hashlib
import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from app import demo, rules, versions
from app.applying.drafts import Refused
from app.call.loading import source_for_edition
from app.desk import call_files, deadlines
from app.extensions import db, writing
from app.languages import Text
from app.mails import mail_to_many
from app.models import Application, CallVersion, Event, Listed, Mail, Mailing
from tests.handing_in import draft, handed_in
from tests.running import ROOT, environment
from tests.test_formal_check import made_organizer

DAY = timedelta(days=1)
CHANGE = ("Ms. Zhao", "Ms. Qian")


class Desk:
    """An organizer at the text of the shipped call."""

    def __init__(self, app, call):
        self.app, self.call_id, self.now = app, call.id, call.closes_at - 30 * DAY
        self.anna = made_organizer("Anna")
        self.path = call_files.path_of(call.id)
        self.opened = self.path.read_bytes()

    @property
    def serving(self):
        return self.app.calls.get(self.call_id)

    def text(self, *changes):
        text = self.opened.decode()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return text.encode()

    def review(self, *changes):
        # Each page begins to read anew.
        db.session.rollback()
        return call_files.review(self.call_id, self.text(*changes), self.now)

    def accept(self, *changes, user=None, base=None, confirmed="", **given):
        base = base or hashlib.sha256(self.opened).hexdigest()
        review = self.review(*changes)
        return call_files.accept(review, base=base, confirmed=confirmed, user=user or self.anna, now=self.now, **given)

    def refused(self, *changes, **given):
        with pytest.raises(Refused) as caught:
            self.accept(*changes, **given)
        return str(caught.value.args[0])

    def wrong(self, *changes):
        """[(text of the line, sentence)] of what stands against a text."""
        review = self.review(*changes)
        rows = review.text.split("\n")
        return [(rows[line - 1].split("#")[0].strip(), str(sentence)) for line, _where, sentence in review.wrong]

    def history(self):
        db.session.rollback()
        return [(served.version.source, served.user and served.user.name, served.reason) for served in versions.history(self.call_id)]


@pytest.fixture
def desk(app, call):
    with app.app_context():
        yield Desk(app, call)


def events(what):
    db.session.rollback()
    return db.session.scalars(db.select(Event).filter_by(what=what).order_by(Event.id)).all()


# -- writing


def test_an_accepted_text_serves_at_once_and_is_remembered(desk):
    assert desk.serving.contact.name.en == "Ms. Zhao"
    assert desk.accept(CHANGE, reason="She moved on") is True
    assert desk.path.read_bytes() == desk.text(CHANGE)
    assert desk.serving.contact.name.en == "Ms. Qian"
    version = versions.newest(desk.call_id)
    assert (version.source.encode(), version.user_id, version.created_at) == (desk.text(CHANGE), desk.anna.id, desk.now)
    (event,) = events("call changed")
    assert (event.user_id, event.details) == (
        desk.anna.id, {"call": desk.call_id, "sha256": desk.serving.sha256, "reason": "She moved on"}
    )  # fmt: skip
    assert [path.name for path in desk.path.parent.iterdir()] == [desk.path.name]


def test_what_stands_there_already_is_not_written_again(desk):
    desk.accept(CHANGE)
    written = desk.path.stat().st_mtime_ns
    assert desk.accept(CHANGE) is False
    assert (desk.path.stat().st_mtime_ns, len(events("call changed"))) == (written, 1)


def test_the_mode_of_the_file_and_a_link_to_it_are_kept(desk):
    real = desk.path.parent.parent / "elsewhere.toml"
    desk.path.rename(real)
    real.chmod(0o640)
    desk.path.symlink_to(real)
    desk.accept(CHANGE)
    assert (desk.path.is_symlink(), real.read_bytes(), stat.S_IMODE(real.stat().st_mode)) == (True, desk.text(CHANGE), 0o640)
    assert desk.serving.contact.name.en == "Ms. Qian"


def test_line_ends_and_byte_order_mark_stay_as_an_editor_wrote_them(desk):
    windows = b"\xef\xbb\xbf" + desk.opened.replace(b"\n", b"\r\n")
    desk.path.write_bytes(windows)
    disk = call_files.on_disk(desk.call_id)
    assert disk.encoded(disk.text.replace("\r\n", "\n")) == disk.encoded(disk.text) == windows
    data = disk.encoded(disk.text.replace(*CHANGE))
    call_files.accept(call_files.review(desk.call_id, data, desk.now), base=disk.sha256, confirmed="", user=desk.anna, now=desk.now)
    assert desk.path.read_bytes() == windows.replace(b"Ms. Zhao", b"Ms. Qian")


def test_a_text_with_mistakes_is_never_written(desk):
    assert desk.wrong(('phone = "+86', 'phnoe = "+86'))[1][0] == 'phnoe = "+86-15011376251"'
    assert desk.refused(('phone = "+86', 'phnoe = "+86')) == "The file has mistakes; nothing was written."
    assert (desk.path.read_bytes(), events("call changed")) == (desk.opened, [])


def test_a_text_that_is_too_large_is_refused_like_a_file(desk):
    review = call_files.review(desk.call_id, desk.opened + b"#" * 2**20, desk.now)
    assert [(line, message.en) for line, _where, message in review.wrong] == [
        (1, "The file is larger than 1 MB; this cannot be a call for entries.")
    ]


def test_a_prefix_of_another_call_is_refused(desk):
    year = desk.serving.edition
    other = desk.path.with_name(f"other-{year}.toml")
    other.write_text(desk.opened.decode().replace(f"WIC{year}", f"OTH{year}"), "utf-8")
    assert desk.wrong((f'"WIC{year}" ', f'"OTH{year}" '))[0][1].endswith("choose another one.")


def test_a_new_file_is_made_and_serves(desk):
    year = desk.serving.edition + 1
    call_id = f"wic-awards-{year}"
    data = source_for_edition(desk.opened.decode(), year - 1, year).encode()
    call_files.accept(call_files.review(call_id, data, desk.now), base="", confirmed="", user=desk.anna, now=desk.now)
    assert desk.app.calls.get(call_id).edition == year
    assert call_files.path_of(call_id).read_bytes() == data


# -- what else may be written at the same time


def test_what_was_changed_on_the_disk_is_not_written_over(desk):
    base = hashlib.sha256(desk.opened).hexdigest()
    theirs = desk.text(("Ms. Zhao", "Ms. Sun"))
    desk.path.write_bytes(theirs)
    assert desk.refused(CHANGE, base=base).startswith("The file was changed meanwhile.")
    review = desk.review(CHANGE)
    desk.path.write_bytes(desk.opened)
    with pytest.raises(Refused):
        call_files.accept(review, base=hashlib.sha256(theirs).hexdigest(), confirmed="", user=desk.anna, now=desk.now)
    assert (desk.path.read_bytes(), events("call changed")) == (desk.opened, [])


def test_two_organizers_at_once_do_not_write_over_each_other(app, desk):
    boris, together, outcomes = made_organizer("Boris"), threading.Barrier(2), {}

    def accept(user, name):
        with app.app_context():
            review = desk.review(("Ms. Zhao", name))
            together.wait(10)
            try:
                outcomes[name] = call_files.accept(review, base=review.disk.sha256, confirmed="", user=user, now=desk.now)
            except Refused as refused:
                outcomes[name] = str(refused.args[0])

    people = [threading.Thread(target=accept, args=given) for given in ((desk.anna, "Ms. Qian"), (boris, "Ms. Sun"))]
    for person in people:
        person.start()
    for person in people:
        person.join(20)
    (won,) = (name for name, outcome in outcomes.items() if outcome is True)
    assert [str(outcome).split(".")[0] for name, outcome in outcomes.items() if name != won] == ["The file was changed meanwhile"]
    assert (desk.serving.contact.name.en, len(events("call changed"))) == (won, 1)


def test_a_folder_that_cannot_be_written_is_said_in_words_and_leaves_no_trace(desk):
    # Where the new file would first be put there is a folder: even root cannot write it, as in a folder that is read-only.
    obstacle = desk.path.with_name(f".{desk.path.name}.new")
    obstacle.mkdir()
    assert desk.refused(CHANGE).startswith("The server could not write the file: the folder of calls may be read-only")
    assert (desk.path.read_bytes(), events("call changed"), len(desk.history())) == (desk.opened, [], 1)
    obstacle.rmdir()
    assert desk.accept(CHANGE) is True


def test_a_read_only_folder_is_said_in_words(desk):
    desk.path.parent.chmod(0o500)
    if os.access(desk.path.parent, os.W_OK):
        pytest.skip("root may write anywhere")
    assert desk.refused(CHANGE).startswith("The server could not write the file")
    desk.path.parent.chmod(0o700)


KILLED = """
import os, pathlib, sys
from app import create_app, rules
from app.desk import call_files
from app.models import User
pathlib.Path.replace = lambda *paths: os._exit(9)
app = create_app()
with app.app_context():
    disk = call_files.on_disk(sys.argv[1])
    review = call_files.review(sys.argv[1], disk.data.replace(b"Ms. Zhao", b"Ms. Qian"), rules.now())
    call_files.accept(review, base=disk.sha256, confirmed="", user=User(id=1), now=rules.now())
"""


def test_a_kill_between_the_temporary_file_and_its_place_changes_nothing(desk, instance):
    command = [sys.executable, "-c", KILLED, desk.call_id]
    assert subprocess.run(command, cwd=ROOT, env=environment(instance), capture_output=True).returncode == 9
    left = [path.name for path in desk.path.parent.iterdir() if path != desk.path]
    assert left == [f".{desk.path.name}.new"]
    desk.app.calls.look_now()
    assert (desk.path.read_bytes(), desk.serving.contact.name.en, desk.app.calls.problems()) == (desk.opened, "Ms. Zhao", {})
    assert (events("call changed"), len(desk.history())) == ([], 1)
    assert desk.accept(CHANGE) is True
    assert [path.name for path in desk.path.parent.iterdir()] == [desk.path.name]


# -- history


def test_history_tells_who_and_why_also_of_what_came_back(desk):
    first, second = desk.opened.decode(), desk.text(CHANGE).decode()
    desk.accept(CHANGE, reason="She moved on")
    desk.now += DAY
    desk.accept(base=desk.serving.sha256, reason="She came back")
    assert desk.history() == [(first, "Anna", "She came back"), (second, "Anna", "She moved on"), (first, None, "")]
    assert [served.n for served in versions.history(desk.call_id)] == [3, 2, 1]
    assert versions.newest(desk.call_id).source == first
    assert db.session.scalar(db.select(db.func.count(CallVersion.id))) == 2


def test_what_came_back_on_the_disk_is_the_newest_version(desk):
    second = desk.text(CHANGE)
    for data in (second, desk.opened, desk.opened):
        desk.path.write_bytes(data)
        desk.app.calls.look_now()
        desk.now += DAY
        versions.keep_all(desk.app.calls.all(), desk.now)
    assert [source.encode() for source, _user, _reason in desk.history()] == [desk.opened, second, desk.opened]
    assert versions.newest(desk.call_id).source.encode() == desk.opened


def test_a_broken_file_serves_what_was_restored_not_what_was_made_last(desk):
    desk.accept(CHANGE)
    desk.now += DAY
    desk.accept(base=desk.serving.sha256)
    desk.path.write_text("edition = ", "utf-8")
    restarted = type(desk.app.calls)(desk.path.parent, last_good=desk.app.calls._last_good)
    assert restarted.get(desk.call_id).contact.name.en == "Ms. Zhao"


# -- what applicants have


@pytest.mark.parametrize(("change", "line"), [
    (("-06-15 24:00", "-06-15 23:59"), "deadline"),
    (('zone = "Asia/Shanghai"', 'zone = "Asia/Tokyo"'), "zone"),
    (("grace_minutes = 10", "grace_minutes = 5"), "grace_minutes"),
])  # fmt: skip
def test_a_deadline_moves_earlier_only_while_nobody_has_started(app, call, desk, change, line):
    desk.accept(("grace_minutes = 0 ", "grace_minutes = 10 "))
    desk.opened = desk.path.read_bytes()
    assert desk.wrong(change) == []
    draft(app, call, now=desk.now)
    ((row, sentence),) = desk.wrong(change)
    assert row.split(" = ")[0] == line
    assert sentence == "Applications have been started, so the deadline can only be moved to a later time."
    assert desk.refused(change) == "The file has mistakes; nothing was written."
    assert desk.wrong(("-06-15 24:00", "-06-16 00:01")) == []


def test_a_start_between_the_check_and_the_acceptance_counts(app, call, desk):
    review = desk.review(("-06-15 24:00", "-06-14 24:00"))
    draft(app, call, now=desk.now)
    with pytest.raises(Refused) as caught:
        call_files.accept(review, base=review.disk.sha256, confirmed="", user=desk.anna, now=desk.now)
    assert str(caught.value.args[0]).startswith("Applications have been started")
    assert desk.path.read_bytes() == desk.opened


def test_a_call_in_use_cannot_open_later(app, call, desk):
    later = ("grace_minutes = 0 ", f'opens = "{desk.now.year}-06-01 00:00"\ngrace_minutes = 0 ')
    assert desk.wrong(later) == []
    draft(app, call, now=desk.now)
    ((row, sentence),) = desk.wrong(later)
    assert (row, sentence) == (later[1].split("\n")[0], "Applications have been started, so the call cannot open later than now.")


RENAMED = {
    "a question": (('id = "website"', 'id = "homepage"'), ("removed", "materials.website")),
    "a pair": (('id = "summary"', 'id = "abstract"'), ("removed", "materials.summary")),
    "a question in rows": (('id = "role"', 'id = "part"'), ("removed", "contributors.contributors.role")),
    "another kind": (('id = "website"\nkind = "link"', 'id = "website"\nkind = "date"'), ("changed", "materials.website")),
    "another kind in rows": (
        ('id = "role"\nkind = "line"', 'id = "role"\nkind = "text"'), ("changed", "contributors.contributors.role"),
    ),
    "another category": (('for = ["basic-research"]', 'for = ["key-technology"]'), ("narrowed", "materials.theory")),
    "an area": (('id = "quantum"', 'id = "quanta"'), ("option", "basics.areas")),
    "a kind of files": (('id = "papers"', 'id = "articles"'), ("files", "files.kinds.papers")),
}  # fmt: skip


@pytest.mark.parametrize("what", RENAMED)
def test_answers_that_would_not_be_shown_are_told_and_have_to_be_confirmed(app, call, desk, what):
    change, (kind, where) = RENAMED[what]
    # The checklist of the call speaks of its questions, too.
    changes = [change] + [(f'fields = ["{name}"]', 'fields = ["title"]') for name in ("summary",) if f'"{name}"' in change[0]]
    assert desk.review(*changes).losses == []
    for email in ("a@example.org", "b@example.org"):
        files = [("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))]
        draft(app, call, email=email, files=files, now=desk.now, materials={"website": ["https://example.org"]})
    review = desk.review(*changes)
    found = [(loss.kind, loss.where, loss.count) for loss in review.losses]
    assert (kind, where, 2) in found
    assert desk.refused(*changes) == "Confirm below that these answers will not be shown any more; nothing was written yet."
    assert desk.refused(*changes, confirmed="0" * 16)
    stored = db.session.scalars(db.select(Application)).first().answers
    before = {answers.step: answers.raw for answers in stored}
    assert desk.accept(*changes, confirmed=review.to_confirm) is True
    db.session.rollback()
    db.session.expire_all()
    assert {answers.step: answers.raw for answers in db.session.scalars(db.select(Application)).first().answers} == before


def test_a_tick_for_less_does_not_count_and_nobody_elses_answers_do(app, call, desk):
    draft(app, call, now=desk.now, materials={"website": ["https://example.org"]})
    less = desk.review(('id = "website"', 'id = "homepage"')).to_confirm
    more = [('id = "website"', 'id = "homepage"'), ('id = "quantum"', 'id = "quanta"')]
    assert desk.refused(*more, confirmed=less).startswith("Confirm below")
    with writing() as session:
        session.execute(db.update(Application).values(call_id="another-2027"))
    assert desk.review(*more).losses == []


def test_blank_answers_and_removed_files_are_no_loss(app, call, desk):
    files = [("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))]
    draft(app, call, files=files, now=desk.now, materials={"website": ["  "]})
    with writing() as session:
        for file in session.scalars(db.select(Application)).one().files:
            file.removed_at = desk.now
    assert desk.review(('id = "website"', 'id = "homepage"'), ('id = "papers"', 'id = "articles"')).losses == []


def test_a_category_in_use_cannot_be_removed(app, call, desk):
    gone = ('"engineering-rd"', '"engineering"')
    assert desk.wrong(gone) == []
    handed_in(app, call, now=desk.now)
    assert desk.wrong(gone) == []
    ((row, sentence),) = desk.wrong(('"basic-research"', '"theory"'))
    assert row == "[[categories]]"
    assert sentence == "The category “Basic Research” (basic-research) cannot be removed: 1 application is in it."
    # As it was handed in, whatever its draft says now.
    with writing() as session:
        for answers in session.scalars(db.select(Application)).one().answers:
            if answers.step == "category":
                answers.raw = {"category": ["key-technology"]}
    assert [sentence for _row, sentence in desk.wrong(('"basic-research"', '"theory"'))] == [sentence]
    assert len(desk.wrong(('"key-technology"', '"technology"'))) == 1


# -- moving the deadline


def move(desk, day, **given):
    data = call_files.moved(desk.call_id, f"{desk.now.year}-{day}")
    review = call_files.review(desk.call_id, data, desk.now)
    given = {"why_moved": Text(zh="应多方要求。", en="Many have asked for it."), "mailed": True} | given
    return call_files.accept(review, base=review.disk.sha256, confirmed="", user=desk.anna, now=desk.now, **given)


def test_moving_the_deadline_changes_its_line_and_nothing_else(desk):
    year = desk.now.year
    for data in (desk.opened, b"\xef\xbb\xbf" + desk.opened.replace(b"\n", b"\r\n")):
        desk.path.write_bytes(data)
        move(desk, "06-30 18:00")
        assert desk.path.read_bytes() == data.replace(f'"{year}-06-15 24:00"'.encode(), f'"{year}-06-30 18:00"'.encode(), 1)
        assert desk.serving.deadline == f"{year}-06-30 18:00"


def test_a_deadline_written_in_an_unusual_way_or_in_a_broken_file_is_left_to_the_text(desk):
    for change in (("deadline = ", '"deadline" = '), ("edition = ", "edition ")):
        desk.path.write_bytes(desk.text(change))
        with pytest.raises(Refused, match="cannot be changed here"):
            call_files.moved(desk.call_id, "2099-06-30 18:00")


def test_a_move_is_one_event_that_the_applications_of_its_time_show(app, call, desk):
    first, _second = (draft(app, call, email=f"{name}@example.org", now=desk.now) for name in "ab")
    move(desk, "06-20 24:00", mailed=False)
    desk.now += DAY
    late = draft(app, desk.serving, email="c@example.org", now=desk.now)
    desk.now += DAY
    move(desk, "06-30 24:00", mailed=False)
    year = desk.now.year
    assert events("deadline moved")[0].details == {
        "call": call.id, "before": f"{year}-06-15 24:00", "deadline": f"{year}-06-20 24:00", "count": 0,
        "said": {"zh": f"{year}年6月20日24:00（北京时间）", "en": f"June 20, {year}, 24:00 Beijing time (= June 21, 00:00)"},
        "reason": {"zh": "应多方要求。", "en": "Many have asked for it."},
    }  # fmt: skip

    def shown(application_id):
        condition = deadlines.concerning(db.session.get(Application, application_id))
        return [event.details["deadline"][5:10] for event in db.session.scalars(db.select(Event).where(condition).order_by(Event.id))]

    assert (shown(first), shown(late)) == (["06-20", "06-30"], ["06-30"])
    assert db.session.scalars(db.select(Mailing)).all() == []


def test_a_move_through_the_text_is_recorded_too(desk):
    desk.accept(("-06-15 24:00", "-06-30 24:00"))
    (event,) = events("deadline moved")
    assert (event.user_id, event.details["reason"], event.details["count"]) == (desk.anna.id, {}, 0)
    desk.opened = desk.path.read_bytes()
    desk.accept(CHANGE)
    assert len(events("deadline moved")) == 1


def test_mails_go_once_to_those_who_can_still_hand_in(app, call, desk):
    wanted = {}
    for name in ("draft", "reopened", "returned", "submitted", "passed", "withdrawn"):
        make = draft if name == "draft" else handed_in
        wanted[name] = make(app, call, email=f"{name}@example.org", now=desk.now)
    with writing() as session:
        # As the list says it; how a row of it follows an application is tested with the list.
        for name, application_id in wanted.items():
            listed = session.get(Listed, application_id)
            listed.reopened = name == "reopened"
            listed.state = {"draft": "draft", "reopened": "submitted"}.get(name, name)
        session.execute(db.delete(Mail))
    assert deadlines.how_many_concerned(call.id) == 3
    move(desk, "06-30 24:00")
    assert events("deadline moved")[0].details["count"] == 3
    assert mail_to_many.go_on(desk.now) == 3
    assert mail_to_many.go_on(desk.now) == 0
    mails = {mail.recipient: mail for mail in db.session.scalars(db.select(Mail))}
    assert sorted(mails) == ["draft@example.org", "reopened@example.org", "returned@example.org"]
    year = desk.now.year
    assert mails["draft@example.org"].subject == f"The deadline has been moved to June 30, {year}, 24:00 Beijing time (= July 1, 00:00)"
    assert f"from June 15, {year}, 24:00 Beijing time" in mails["draft@example.org"].text
    assert "Many have asked for it." in mails["draft@example.org"].text


def test_nobody_is_mailed_of_a_deadline_that_has_passed_too(app, call, desk):
    draft(app, call, now=desk.now)
    desk.now = rules.closing(call) + 90 * DAY
    move(desk, "06-30 24:00")
    assert (events("deadline moved")[0].details["count"], db.session.scalars(db.select(Mailing)).all()) == (0, [])
