import logging
import os
import threading
import time

import pytest

from app.call import loading
from app.call.loading import LARGEST, SHIPPED, Calls, judge, read, source_for_edition

SOURCE = SHIPPED.read_text("utf-8")


def write(folder, year, change=("", ""), name=None):
    path = folder / f"{name or f'wic-awards-{year}'}.toml"
    path.write_text(source_for_edition(SOURCE, 2027, year).replace(*change), "utf-8")
    return path


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(loading, "WAIT", 0.0)


def test_calls_stand_in_the_order_of_their_deadlines(tmp_path):
    for year in (2029, 2027, 2028):
        write(tmp_path, year)
    calls = Calls(tmp_path)
    assert [call.id for call in calls.all()] == ["wic-awards-2027", "wic-awards-2028", "wic-awards-2029"]
    assert calls.get("wic-awards-2028").edition == 2028
    assert calls.get("wic-awards-2030") is None
    assert calls.problems() == {}


def test_a_call_is_the_same_object_until_its_file_changes(tmp_path):
    path = write(tmp_path, 2027)
    calls = Calls(tmp_path)
    call = calls.get("wic-awards-2027")
    assert calls.get("wic-awards-2027") is call
    write(tmp_path, 2027, ("Ms. Zhao", "Ms. Qian"))
    assert calls.get("wic-awards-2027").contact.name.en == "Ms. Qian"
    path.unlink()
    assert calls.all() == []


def test_a_file_that_became_wrong_keeps_serving_and_is_told_once(tmp_path, caplog):
    path = write(tmp_path, 2027)
    calls = Calls(tmp_path)
    call = calls.get("wic-awards-2027")
    path.write_text(SOURCE.replace("edition = 2027", "edition = 2O27"), "utf-8")
    with caplog.at_level(logging.ERROR):
        assert [calls.get("wic-awards-2027") for _ in range(3)] == [call] * 3
    line = SOURCE.split("\n").index(next(row for row in SOURCE.split("\n") if row.startswith("edition"))) + 1
    assert [(name, [problem.line for problem in problems]) for name, problems in calls.problems().items()] == [
        ("wic-awards-2027.toml", [line])
    ]
    assert [record.getMessage().split("\n")[0] for record in caplog.records] == ["wic-awards-2027.toml keeps serving as it last was:"]
    path.write_text(SOURCE, "utf-8")
    assert calls.get("wic-awards-2027").edition == 2027
    assert calls.problems() == {}


def test_a_file_wrong_from_the_start_serves_as_it_was_stored(tmp_path):
    write(tmp_path, 2027, ("edition = 2027", "edition = "))
    write(tmp_path, 2028, ("edition = 2028", "edition = "))
    stored = {"wic-awards-2027": SOURCE.replace("Ms. Zhao", "Ms. Qian")}
    calls = Calls(tmp_path, last_good=stored.get)
    assert [(call.id, call.contact.name.en, call.source) for call in calls.all()] == [
        ("wic-awards-2027", "Ms. Qian", stored["wic-awards-2027"])
    ]
    assert sorted(calls.problems()) == ["wic-awards-2027.toml", "wic-awards-2028.toml"]


def test_a_stored_version_that_cannot_be_read_any_more_does_not_serve(tmp_path):
    write(tmp_path, 2027, ("edition = 2027", "edition = "))
    calls = Calls(tmp_path, last_good=lambda call_id: "edition = 1")
    assert calls.all() == []
    assert list(calls.problems()) == ["wic-awards-2027.toml"]


def test_a_removed_file_is_no_longer_listed_even_if_it_was_stored(tmp_path):
    calls = Calls(tmp_path, last_good=lambda call_id: SOURCE)
    assert calls.all() == []
    assert calls.get("wic-awards-2027") is None


def test_two_calls_with_one_prefix_are_told_apart(tmp_path):
    write(tmp_path, 2028)
    calls = Calls(tmp_path)
    assert [call.id for call in calls.all()] == ["wic-awards-2028"]
    path = write(tmp_path, 2027, ('"WIC2027"', '"WIC2028"'))
    assert [call.id for call in calls.all()] == ["wic-awards-2028"]
    line = next(n for n, row in enumerate(SOURCE.split("\n"), 1) if row.startswith("number_prefix"))
    assert [str(problem).split("\n")[1] for problem in calls.problems()[path.name]] == [
        f"wic-awards-2027.toml:{line}: number_prefix: wic-awards-2028.toml has this prefix already; choose another one."
    ]
    write(tmp_path, 2027)
    assert [call.id for call in calls.all()] == ["wic-awards-2027", "wic-awards-2028"]


def test_a_missing_file_of_an_attachment_is_noticed_when_it_arrives(tmp_path):
    change = ('kind = "criteria"\ncategory = "key-technology"', 'kind = "file"\nfile = "slides.pdf"')
    write(tmp_path, 2027, change)
    calls = Calls(tmp_path)
    assert calls.all() == []
    (tmp_path / "wic-awards-2027").mkdir()
    (tmp_path / "wic-awards-2027" / "slides.pdf").write_bytes(b"%PDF")
    assert [call.id for call in calls.all()] == ["wic-awards-2027"]


def test_other_files_are_left_alone(tmp_path):
    write(tmp_path, 2027)
    for name in (".wic.toml", "notes.txt", "wic-awards-2027.toml~"):
        (tmp_path / name).write_text("?")
    (tmp_path / "folder.toml").mkdir()
    calls = Calls(tmp_path)
    assert [call.id for call in calls.all()] == ["wic-awards-2027"]
    assert calls.problems() == {}


def test_a_folder_that_is_gone_leaves_the_calls_as_they_were(tmp_path):
    folder = tmp_path / "calls"
    folder.mkdir()
    write(folder, 2027)
    calls = Calls(folder)
    assert len(calls.all()) == 1
    folder.rename(tmp_path / "elsewhere")
    assert len(calls.all()) == 1


def test_the_folder_is_looked_at_once_a_second(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "WAIT", 1.0)
    calls = Calls(tmp_path)
    assert calls.all() == []
    write(tmp_path, 2027)
    assert calls.all() == []
    time.sleep(1.05)
    assert len(calls.all()) == 1


def test_a_change_within_one_size_is_noticed_by_its_time(tmp_path):
    path = write(tmp_path, 2027)
    calls = Calls(tmp_path)
    assert calls.get("wic-awards-2027").contact.name.en == "Ms. Zhao"
    write(tmp_path, 2027, ("Ms. Zhao", "Ms. Qian"))
    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert calls.get("wic-awards-2027").contact.name.en == "Ms. Qian"


def test_threads_see_whole_versions_and_nobody_waits_for_the_database(tmp_path):
    write(tmp_path, 2027)
    asked, go_on = threading.Event(), threading.Event()

    def slow(call_id):
        asked.set()
        go_on.wait(10)

    calls = Calls(tmp_path, last_good=slow)
    assert len(calls.all()) == 1
    write(tmp_path, 2028, ("edition = 2028", ""))
    reader = threading.Thread(target=calls.all)
    reader.start()
    assert asked.wait(10)
    started = time.monotonic()
    assert [call.id for call in calls.all()] == ["wic-awards-2027"]
    assert time.monotonic() - started < 5
    go_on.set()
    reader.join(10)
    assert list(calls.problems()) == ["wic-awards-2028.toml"]


def test_what_was_just_written_serves_after_a_look(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "WAIT", 60.0)
    calls = Calls(tmp_path)
    assert calls.files() == {}
    write(tmp_path, 2027)
    write(tmp_path, 2028, ("edition = 2028", "edition = "))
    assert calls.files() == {}
    calls.look_now()
    assert {call_id: (entry.call is not None, len(entry.problems)) for call_id, entry in calls.files().items()} == {
        "wic-awards-2027": (True, 0), "wic-awards-2028": (False, 1),
    }  # fmt: skip


def test_a_text_is_judged_like_a_file(tmp_path):
    path = tmp_path / "wic-awards-2027.toml"
    call, problems = judge(path, SOURCE)
    assert (call.id, call.source, problems, path.exists()) == ("wic-awards-2027", SOURCE, [], False)
    path.write_text(SOURCE.replace("edition = 2027", "edition = 2O27"), "utf-8")
    assert judge(path, path.read_text("utf-8")) == read(path)
    assert [problem.line for problem in judge(path, SOURCE + "#" * LARGEST)[1]] == [1]


def test_a_call_to_come_is_told_its_rival(tmp_path):
    write(tmp_path, 2027)
    calls = Calls(tmp_path)
    call = calls.get("wic-awards-2027")
    assert calls.rival(call) is None
    rival, _problems = judge(tmp_path / "other-2027.toml", SOURCE)
    assert calls.rival(rival).message.en == "wic-awards-2027.toml has this prefix already; choose another one."
