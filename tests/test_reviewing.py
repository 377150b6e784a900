"""Reviews: whose they are, kept as they are typed, merged, handed in and recalled; who sees whose, and who is reminded."""

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app import rules
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.forms.review import judge
from app.keeping import erasing
from app.models import Application, Assignment, Conflict, Decision, EarlierReview, Event, Expert, Mail, Panel, Review, User
from app.review import review_progress, reviewing
from tests import panel, small_call


@pytest.fixture(scope="module")
def furnished(fresh_instance, tmp_path_factory):
    """(folder of an instance, what `panel.furnish` answers), made once."""
    folder = tmp_path_factory.mktemp("panel") / "instance"
    shutil.copytree(fresh_instance, folder)
    return folder, panel.furnish(folder)


@pytest.fixture
def instance(furnished, tmp_path):
    return shutil.copytree(furnished[0], tmp_path / "instance")


@pytest.fixture
def given(app, call, furnished):
    """An application before two experts, whose accounts are `users`; within the app's context."""
    ids, users, given = furnished[1]
    with app.app_context(), writing() as session:
        # The other one is out of sight.
        session.get(Application, ids[1]).withdrawn_at = rules.now()
    with app.app_context():
        yield SimpleNamespace(call=call, application_id=ids[0], users=users, ids=given[:2])


def save(given, posted, version=None, place=0, now=None, **kwargs):
    assignment = db.session.get(Assignment, given.ids[place])
    return reviewing.save(assignment=assignment, call=given.call, posted=posted, version=version, now=now or rules.now(), **kwargs)


def stored(given, place=0):
    return db.session.scalars(db.select(Review).filter_by(assignment_id=given.ids[place])).one()


def submit(given, version=1, now=None, call=None):
    assignment, chosen = db.session.get(Assignment, given.ids[0]), panel.category(given.call, given.application_id)
    return reviewing.submit(assignment=assignment, call=call or given.call, category=chosen, version=version, now=now or rules.now())


def recall(given, now=None):
    reviewing.recall(assignment=db.session.get(Assignment, given.ids[0]), call=given.call, now=now or rules.now())


def close(given, closes_at):
    panel.panel(given.call, closes_at=closes_at)


# -- saving


def test_review_is_stored_as_it_was_typed(given):
    typed = {"score-originality": ["eleven"], "comment": ["  中文\r\nand English \U00020bb7"], "action": ["save"], "version": ["7"]}
    assert save(given, typed, 0).version == 1
    assert stored(given).raw == {"score-originality": ["eleven"], "comment": ["  中文\r\nand English \U00020bb7"]}


def test_what_two_windows_changed_apart_is_merged(given):
    save(given, {"score-rigor": ["3"], "comment": ["a"]})
    save(given, {"score-rigor": ["4"], "comment": ["a"]}, 1)
    saved = save(given, {"score-rigor": ["3"], "comment": ["b"]}, 1)
    assert (saved.version, saved.conflicts, saved.elsewhere) == (3, [], True)
    assert stored(given).raw == {"score-rigor": ["4"], "comment": ["b"]}


def test_what_two_windows_changed_both_is_asked_about(given):
    save(given, {"comment": ["a"]})
    save(given, {"comment": ["theirs"], "score-rigor": ["4"]}, 1)
    assert save(given, {"comment": ["mine"]}, 1).conflicts == ["comment"]
    review = stored(given)
    assert review.raw["comment"] == ["theirs"]
    assert reviewing.take_back(review) == ({"comment": ["theirs"], "score-rigor": ["4"]}, ["comment"])
    assert reviewing.waiting(review) == {"comment": ["mine"]}
    reviewing.resolve(assignment=db.session.get(Assignment, given.ids[0]), call=given.call, mine={"comment"}, now=rules.now())
    assert (stored(given).raw, reviewing.waiting(stored(given))) == ({"comment": ["mine"], "score-rigor": ["4"]}, {})


def test_script_that_is_behind_is_not_merged(given):
    save(given, {"comment": ["a"]})
    save(given, {"comment": ["a"], "score-rigor": ["4"]}, 1)
    saved = save(given, {"comment": ["b"]}, 1, merging=False)
    assert (saved.elsewhere, stored(given).version, stored(given).raw["comment"]) == (True, 2, ["a"])
    assert reviewing.take_back(stored(given)) == ({"comment": ["b"], "score-rigor": ["4"]}, [])


def test_same_text_sent_again_is_no_change(given):
    assert [save(given, {"comment": ["a"]}, version).version for version in (0, 0, 1)] == [1, 1, 1]


def test_text_after_the_closing_changes_nothing_and_is_kept(given):
    now = rules.now()
    close(given, now)
    with pytest.raises(Refused, match="Reviewing has closed"):
        save(given, {"comment": ["late"]}, 0, now=now)
    assert (stored(given).raw, reviewing.waiting(stored(given))) == ({}, {"comment": ["late"]})
    assert save(given, {"comment": ["in time"]}, 0, now=now - timedelta(seconds=1)).version == 2


def test_text_after_handing_in_is_kept_and_comes_back_once_recalled(given):
    panel.review(given.call, given.ids[0], 8, 7, 6, 5, 4)
    with pytest.raises(Refused, match="Recall it first"):
        save(given, {"comment": ["more"]}, 1)
    recall(given)
    assert reviewing.take_back(stored(given))[0]["comment"] == ["more"]


def test_more_than_a_review_can_hold_is_refused_and_never_cut(given):
    save(given, {"comment": ["a"]})
    with pytest.raises(Refused, match="at most 50000 characters"):
        save(given, {"comment": ["x" * (reviewing.MOST_CHARACTERS + 1)]})
    assert stored(given).raw == {"comment": ["a"]}


def test_old_versions_go(given, monkeypatch):
    monkeypatch.setattr(reviewing, "VERSIONS_KEPT", 2)
    for number in range(5):
        save(given, {"comment": [str(number)]})
    versions = db.session.scalars(db.select(EarlierReview.version).order_by(EarlierReview.version))
    assert (stored(given).version, list(versions)) == (5, [4])


# -- scores


CATEGORY = small_call.CALL.categories[0]


def form_of(*typed):
    return judge(small_call.CALL, CATEGORY, {f"score-{one.id}": [text] for one, text in zip(CATEGORY.criteria, typed, strict=False)})


def test_score_is_a_whole_number_of_the_scale():
    typed = ["0", "10", " 7 ", "７", "11", "-1", "7.5", "", "ten", "9" * 5000]
    assert [form_of(text).scores[0].number for text in typed] == [0, 10, 7, 7, None, None, None, None, None, None]


def test_total_is_exact():
    assert [one.weight for one in CATEGORY.criteria] == [70, 30]
    # 70·7 + 30·9 and 70·1 + 30·0
    assert [(form_of(*typed).total, form_of(*typed).total_words) for typed in ("79", "10")] == [(760, "7.60"), (70, "0.70")]
    assert form_of("8").total_words is None


# -- handing in


def test_review_is_handed_in_once_however_often_the_button_is_pressed(given):
    save(given, panel.scores(given.call, given.application_id, 8, 7, 6, 5, 4))
    assert (submit(given), submit(given)) == ([], [])
    assert len(db.session.scalars(db.select(Event).filter_by(what="review handed in")).all()) == 1


def test_unscored_criteria_are_said_and_nothing_is_handed_in(given):
    save(given, panel.scores(given.call, given.application_id, 8, "x", 6))
    missing = [name for name, _sentence in submit(given)]
    assert (missing, stored(given).submitted_at) == (["score-significance", "score-influence", "score-prospects"], None)


def test_comment_is_required_where_the_call_says_so(given):
    save(given, panel.scores(given.call, given.application_id, 8, 7, 6, 5, 4))
    strict = given.call.model_copy(update={"review": given.call.review.model_copy(update={"comment_required": True})})
    assert submit(given, call=strict) == [("comment", "Write a comment to the committee.")]


def test_what_another_window_saved_since_is_not_handed_in_unseen(given):
    save(given, panel.scores(given.call, given.application_id, 8, 7, 6, 5, 4))
    save(given, {"comment": ["more"]})
    with pytest.raises(Refused, match="another window"):
        submit(given, version=1)


def test_review_is_handed_in_and_recalled_until_the_closing(given):
    now = rules.now()
    close(given, now + timedelta(seconds=1))
    save(given, panel.scores(given.call, given.application_id, 8, 7, 6, 5, 4), now=now)
    submit(given, now=now)
    recall(given, now)
    submit(given, now=now)
    with pytest.raises(Refused, match="Reviewing has closed"):
        recall(given, now + timedelta(seconds=1))
    assert stored(given).submitted_at == now


@pytest.mark.parametrize(("seconds", "closed"), [(None, False), (1, False), (0, True)])
def test_release_of_the_decision_closes_reviewing(given, seconds, closed):
    now, application = rules.now(), db.session.get(Application, given.application_id)
    application.decision = Decision(outcome="awarded", released_at=None if seconds is None else now + timedelta(seconds=seconds))
    reason = rules.may_review(db.session.get(Assignment, given.ids[0]), application, Panel(call_id=given.call.id), now)
    assert (reason is not None) == closed
    db.session.rollback()


# -- whose


def test_withdrawn_ended_and_conflicted_ones_are_not_there(given):
    def mine(place=0):
        return [task.application.id for task in reviewing.tasks(given.users[place])]

    assert (mine(), mine(1)) == ([given.application_id],) * 2
    expert = db.session.scalars(db.select(Expert).filter_by(user_id=given.users[0])).one()
    with writing() as session:
        found = Conflict(application_id=given.application_id, expert_id=expert.id, source="system", at=rules.now())
        session.add(found)
    assert (mine(), mine(1)) == ([], [given.application_id])
    with writing():
        found.dismissed_at = rules.now()
    assert mine() == [given.application_id]
    with writing() as session:
        session.get(Assignment, given.ids[0]).ended_at = rules.now()
    assert (mine(), mine(1)) == ([], [given.application_id])
    with writing() as session:
        session.get(Application, given.application_id).withdrawn_at = rules.now()
    assert mine(1) == []


def test_list_tells_state_and_the_areas_that_are_shared(given):
    (task,) = reviewing.tasks(given.users[0])
    assert (task.state, task.areas) == ("open", ("quantum",))
    save(given, {"comment": ["a"]})
    assert reviewing.tasks(given.users[0])[0].state == "begun"
    panel.review(given.call, given.ids[0], 8, 7, 6, 5, 4)
    assert reviewing.tasks(given.users[0])[0].state == "handed-in"


# -- together


def seen(given, place=0):
    assignment, application = db.session.get(Assignment, given.ids[place]), db.session.get(Application, given.application_id)
    panel_row = db.session.get(Panel, given.call.id) or Panel(call_id=given.call.id)
    return [voice.name("en") for voice in review_progress.others(assignment, application, panel_row, rules.now())]


def discuss(given, verb=review_progress.open_discussion):
    verb(call=given.call, organizer=db.session.get(User, given.users[0]), now=rules.now())


def test_scores_of_others_are_seen_once_the_discussion_is_open_by_who_has_handed_in(given):
    panel.review(given.call, given.ids[0], 8, 7, 6, 5, 4)
    panel.review(given.call, given.ids[1], 1, 1, 1, 1, 1, hand_in=False)
    assert (seen(given), seen(given, 1)) == ([], [])
    discuss(given)
    assert (seen(given), seen(given, 1)) == ([], [])
    panel.review(given.call, given.ids[1], 1, 1, 1, 1, 1)
    assert (seen(given), seen(given, 1)) == (["Reviewer e"], ["Reviewer d"])
    recall(given)
    assert (seen(given), seen(given, 1)) == (["Reviewer e"], [])
    discuss(given, review_progress.close_discussion)
    assert (seen(given), seen(given, 1)) == ([], [])


def test_expert_is_reminded_once_a_day_of_what_is_missing(given):
    now, organizer = rules.now(), db.session.get(User, given.users[0])

    def remind(place, hours=0):
        later = now + timedelta(hours=hours)
        return review_progress.remind(call=given.call, organizer=organizer, user_id=given.users[place], now=later)

    panel.review(given.call, given.ids[1], 8, 7, 6, 5, 4)
    assert (remind(0), remind(1)) == (True, False)
    with pytest.raises(Refused, match="less than a day ago"):
        remind(0, 23)
    assert remind(0, 24)
    close(given, now + timedelta(hours=50))
    with pytest.raises(Refused, match="closed"):
        remind(0, 50)
    mails = db.session.scalars(db.select(Mail).filter_by(recipient="d@example.org").order_by(Mail.id)).all()
    assert [mail.subject for mail in mails][-2:] == ["1 review to hand in"] * 2
    assert [load.total - load.done for load in review_progress.loads(given.call.id)] == [1, 0]


def test_how_far_the_reviews_are_is_counted(given):
    panel.review(given.call, given.ids[1], 8, 7, 6, 5, 4)
    assert review_progress.counts(given.call.id) == (1, 2, 1)
    ((row, voices),) = review_progress.page(given.call.id, 1)
    assert (row.application_id, [voice.state for voice in voices]) == (given.application_id, ["open", "handed-in"])
    assert review_progress.page(given.call.id, 2) == []


def test_organizers_read_every_review_also_one_that_has_ended(given):
    panel.review(given.call, given.ids[0], 8, 7, 6, 5, 4, comment="Solid")
    with writing() as session:
        session.get(Assignment, given.ids[0]).ended_at = rules.now()
    found = review_progress.judged(db.session.get(Application, given.application_id), given.call)
    assert [(voice.name("zh"), form.total_words) for voice, form in found] == [("评审e", None), ("评审d", "6.50")]


def test_erasing_an_application_takes_its_reviews_along(given):
    panel.review(given.call, given.ids[0], 8, 7, 6, 5, 4, comment="a")
    recall(given)
    save(given, {"comment": ["b"]})
    save(given, {"comment": ["c"]}, 1)
    with writing():
        erasing.contents([given.application_id])
    assert [db.session.scalars(db.select(table.id)).all() for table in (Review, EarlierReview)] == [[], []]
