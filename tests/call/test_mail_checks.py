import re

import pytest

from app.call.loading import SHIPPED, parse, read
from app.call.organizing import BLANK, MAILS, our_mail, placeholders
from tests.call.test_checks import SOURCE, problems_with

EVERYWHERE = "{name}, {number}, {title}, {award}, {organizer}, {deadline}, {link}, {contact}"
CALL = parse(SOURCE, SHIPPED.stem)


@pytest.mark.parametrize(("change", "where", "message"), [
    (('subject.en = "Formal check passed: {number}"', 'subject.en = "Passed: {number} {nmae}"'), "mails[passed].subject.en",
     f"There is no “{{nmae}}”. There are: {EVERYWHERE}."),
    (('subject.zh = "形式审查已通过：{number}"', 'subject.zh = "{编号}{number}"'), "mails[passed].subject.zh",
     f"There is no “{{编号}}”. There are: {EVERYWHERE}."),
    (('subject.en = "Thank you for applying"', 'subject.en = "Thank you until {until}"'), "mails[thanks].subject.en",
     f"There is no “{{until}}”. There are: {EVERYWHERE}."),
    (("hand in again by {until}", "hand in again by { until }"), "mails[returned].text.en",
     f"There is no “{{ until }}”. There are: {EVERYWHERE}, {{reasons}}, {{until}}."),
    (("Dear {name},", "Hello,"), "mails[passed].text.en", "The Chinese has {name}, and this has not."),
    (("{name}，您好", "您好"), "mails[passed].text.zh", "The English has {name}, and this has not."),
    (('id = "thanks"', 'id = "date"'), "mails[date].id", "“date” is used twice; every name may be used once."),
])  # fmt: skip
def test_what_is_wrong_in_the_words_of_mails(tmp_path, change, where, message):
    assert problems_with(tmp_path, change)[where] == message


def test_mail_that_does_not_give_its_reasons(tmp_path):
    source = re.sub(r"\n\{reasons\}\n", "\n", SOURCE)
    path = tmp_path / "wic-awards-2027.toml"
    path.write_text(source, "utf-8")
    problems = read(path)[1]
    assert [(problem.where, problem.message.en) for problem in problems] == [
        (f"mails[{name}].text", "This mail has to say {reasons}.") for name in ("returned", "ineligible")
    ]
    # The line on which the text begins.
    assert [source.split("\n")[problem.line - 1] for problem in problems] == ['text.zh = """'] * 2


def test_shipped_words_are_all_there():
    results = [f"result-{decision.id}" for decision in CALL.decisions]
    assert [mail.id for mail in CALL.mails] == [*MAILS, *results, "unfinished", "date", "thanks"]


@pytest.mark.parametrize("mail", CALL.mails, ids=lambda mail: mail.id)
def test_shipped_words_use_the_placeholders_of_their_own_and_part_paragraphs(mail):
    used = placeholders(mail.subject.zh + mail.text.zh)
    assert sorted(used) == sorted(placeholders(mail.subject.en + mail.text.en))
    assert set(MAILS.get(our_mail(mail.id), ())) <= set(used)
    assert [len(text.strip().split("\n\n")) for text in (mail.text.zh,)] == [len(mail.text.en.strip().split("\n\n"))]
    assert (BLANK in mail.text.zh + mail.text.en) == (mail.id == "date")
    # An address is a link only on a line of its own.
    assert "{link}" not in re.sub(r"^\{link\}$", "", mail.text.zh + "\n" + mail.text.en, flags=re.MULTILINE)
