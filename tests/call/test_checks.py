import pytest

from app.call.loading import SHIPPED, read

SOURCE = SHIPPED.read_text("utf-8")
END = "\n[[steps.fields]]\nid = \"last\"\nlabel.zh = \"问\"\nlabel.en = \"Ask\"\n"


def problems_with(folder, *changes, name="wic-awards-2027"):
    """{place: English message} of the shipped file after replacing the first `old` by `new`, for every (old, new)."""
    source = SOURCE
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    path = folder / f"{name}.toml"
    path.write_text(source, "utf-8")
    call, problems = read(path)
    assert bool(call) != bool(problems)
    return {problem.where: problem.message.en for problem in problems}


def before_files(text):
    """A change that puts `text` in front of the step for uploads."""
    return '[[steps]]\nid = "files"', f'{text}\n[[steps]]\nid = "files"'


TWICE = "“{}” is used twice; every name may be used once."
RESERVED = "“{}” is used by the site itself; choose another name."


@pytest.mark.parametrize(("change", "where", "message"), [
    (('id = "basics"', 'id = "category"'), "steps[category].id", TWICE.format("category")),
    (('id = "joint"', 'id = "country"'), "steps[basics].fields[country].id", TWICE.format("country")),
    (('id = "scale"\nkind', 'id = "summary"\nkind'), "steps[materials].fields[summary].id", TWICE.format("summary")),
    (('id = "role"', 'id = "name"'), "steps[contributors].fields[contributors].fields[name].id", TWICE.format("name")),
    (('id = "security"', 'id = "ai"'), "areas[ai].id", TWICE.format("ai")),
    (('name = "criteria-key-technology"', 'name = "criteria-basic-research"'), "attachments[criteria-basic-research].name",
     TWICE.format("criteria-basic-research")),
    (('id = "patents"', 'id = "papers"'), "files.kinds[papers].id", TWICE.format("papers")),
    (('id = "rigor"', 'id = "originality"'), "categories[basic-research].criteria[originality].id", TWICE.format("originality")),
    (('id = "basics"', 'id = "receipt"'), "steps[receipt].id", RESERVED.format("receipt")),
    (('id = "summary"', 'id = "data"'), "steps[materials].fields[data].id", RESERVED.format("data")),
    (('id = "summary"', 'id = "validate_it"'), "steps[materials].fields[validate_it].id", RESERVED.format("validate_it")),
    (('for = ["key-technology"]', 'for = ["key-technology", "art"]'), "steps[materials].fields[bottleneck].for[2]",
     "There is no “art”. There are: basic-research, key-technology, engineering-rd."),
    (('options = "areas"', 'options = "areas"\nfor = ["basic-research"]'), "steps[basics].fields[areas].for",
     "“areas” is asked of everybody; it cannot have “for”."),
    (('when = "joint"', 'when = "title"'), "steps[partnership].when",
     "“title” is not a yes-no question of an earlier page that everybody is asked."),
    (('kind = "yes-no"', 'kind = "yes-no"\nfor = ["basic-research"]'), "steps[partnership].when",
     "“joint” is not a yes-no question of an earlier page that everybody is asked."),
    (before_files(END + 'kind = "line"\nwhen = "joint"'), "steps[materials].fields[last].when",
     "“joint” is not a yes-no question before it on this page that everybody is asked."),
    (before_files(END + 'kind = "choice"'), "steps[materials].fields[last]", "A question of choice needs options."),
    (before_files(END + 'kind = "choices"\nleast = 3\noptions = [{ id = "a", label = { zh = "甲", en = "A" } }]'),
     "steps[materials].fields[last].least", "The number of options is only 1."),
    (before_files(END + 'kind = "choice"\noptions = [{ id = "a", label = { zh = "甲", en = "A" } }, { id = "a" }]'),
     "steps[materials].fields[last].options[a].id", TWICE.format("a")),
    (before_files(END + 'kind = "rows"'), "steps[materials].fields[last]", "Rows need questions of their own: [[steps.fields.fields]]."),
    (('id = "role"\nkind = "line"', 'id = "role"\nkind = "rows"'), "steps[contributors].fields[contributors].fields[role].kind",
     "Rows cannot stand inside rows."),
    (('id = "role"\nkind = "line"', 'id = "role"\nkind = "line"\nwhen = "joint"'),
     "steps[contributors].fields[contributors].fields[role].when", "A question inside a row cannot have “when”."),
    (('most = 20', 'most = 101'), "steps[contributors].fields[contributors].most", "There may be at most 100 rows."),
    (('least = 1\nmost = 2\n', 'least = 3\nmost = 2\n'), "steps[basics].fields[areas].least", "At least 3 is more than at most 2."),
    (('kind = "country"', 'kind = "country"\nboth = true'), "steps[basics].fields[country].both",
     "“both” belongs to line, text, not to country."),
    (('kind = "country"', 'kind = "country"\nlongest = 5'), "steps[basics].fields[country].longest",
     "“longest” belongs to line, text, not to country."),
    (('kind = "country"', 'kind = "country"\noptions = "areas"'), "steps[basics].fields[country].options",
     "“options” belongs to choice, choices, not to country."),
    (('kind = "country"', 'kind = "country"\nmost = 2'), "steps[basics].fields[country].most",
     "“most” belongs to choices, rows, not to country."),
    (before_files(END + 'kind = "line"\nlatin = true'), "steps[materials].fields[last].latin", "latin needs both = true beside it."),
    (before_files(END + 'kind = "line"\nlongest.zh = 1\nlongest.en = 1'), "steps[materials].fields[last].longest",
     "For a question that is not asked in both languages, longest is one whole number."),
    (('both = true\nlongest.zh = 50\nlongest.en = 30', 'longest = 50'), "steps[basics].fields[title]",
     "This is printed on certificates and needs both = true."),
    (('id = "title"', 'id = "headline"'), "steps", "The question “title” (line) is missing; the site needs it."),
    (('id = "title"\nkind = "line"', 'id = "title"\nkind = "text"'), "steps[basics].fields[title].kind",
     "The question “title” has to be of the kind line."),
    (('id = "country"', 'id = "country"\nrequired = false'), "steps[basics].fields[country].required", "“country” cannot be left empty."),
    (('options = "areas"', 'options = "categories"'), "steps[basics].fields[areas].options", 'This has to be options = "areas".'),
    (('id = "name"', 'id = "who"'), "steps[contributors].fields[contributors]", 'Contributors need a name (id = "name").'),
    (('id = "name"\nkind = "line"\nlabel.zh = "姓名"\nlabel.en = "Name"\nboth = true\nlatin = true\nlongest.zh = 30\nlongest.en = 15',
      'id = "name"\nkind = "line"\nlabel.zh = "姓名"\nlabel.en = "Name"'),
     "steps[contributors].fields[contributors].fields[name]", "This is printed on certificates and needs both = true."),
    (('id = "files"', 'id = "upload"\n'), "steps", "The page for uploads is missing: add a step with the id files and no questions."),
    (('id = "basics"', 'id = "files"'), "steps[files].fields", "The page for uploads (files) cannot have questions."),
    (('weight = 25', 'weight = 20'), "categories[basic-research]",
     "The weights of the category “basic-research” should add up to 100; they add up to 95."),
    (('category = "key-technology"', 'category = "art"'), "attachments[criteria-key-technology].category",
     "There is no “art”. There are: basic-research, key-technology, engineering-rd."),
    (('kind = "criteria"\ncategory = "key-technology"', 'kind = "criteria"'), "attachments[criteria-key-technology]",
     "An attachment of the kind criteria needs “category”."),
    (('\nkind = "criteria"', '\nkind = "criteria"\nfile = "a.pdf"'), "attachments[criteria-basic-research].file",
     "An attachment of the kind criteria has no “file”; delete it."),
    (('kind = "criteria"\ncategory = "key-technology"', 'kind = "file"\nfile = "a.pdf"'), "attachments[criteria-key-technology].file",
     "There is no such file; put it into the folder wic-awards-2027 beside the call file."),
    (('kind = "criteria"\ncategory = "key-technology"', 'kind = "file"\nfile = "../a.pdf"'), "attachments[criteria-key-technology].file",
     "Write the name of the file alone, without a folder."),
    (('attachments = ["introduction"', 'attachments = ["intro"'), "steps[category].attachments[1]",
     "There is no “intro”. There are: introduction, criteria-basic-research, criteria-key-technology, criteria-engineering-rd."),
    (('[[checklist]]\nid = "title"', '[[checklist]]\nid = "languages"'), "checklist[languages].id", TWICE.format("languages")),
    (('for = ["key-technology"]\nreasons', 'for = ["art"]\nreasons'), "checklist[indicators].for[1]",
     "There is no “art”. There are: basic-research, key-technology, engineering-rd."),
    (('zone = ', 'opens = "2027-06-16 00:00"\nzone = '), "deadline", "The deadline must be later than the opening (opens)."),
    (('+86-15011376251', '+86-1'), "contact.phone", "This is no telephone number; write it like +86-15011376251."),
    (('email = "SciTec@', 'email = "SciTec'), "contact.email", "This is no e-mail address."),
    (('[declaration]', '[countries]\nNL.zh = "荷兰"\nNL.en = "The Netherlands"\nQX.zh = "某地"\nQX.en = "Here"\n[declaration]'),
     "countries.QX", "No country or region has the code QX."),
    (('edition = 2027', 'edition = 2028'), "edition", "The name of the file should hold the edition 2028, as in wic-awards-2028.toml."),
    (('edition = 2027', 'id = "mine"\nedition = 2027'), "id", "Delete this line: the name of a call is the name of its file."),
    (('en = "Ms. Zhao"', 'en = "Ms.\\u0007 Zhao"'), "contact.name.en", "The text holds an invisible control character; remove it."),
])
def test_what_no_type_can_say(tmp_path, change, where, message):
    assert problems_with(tmp_path, change).get(where) == message


def test_for_before_the_category_is_asked(tmp_path):
    step = '[[steps]]\nid = "first"\ntitle.zh = "先"\ntitle.en = "First"' + END + 'kind = "line"\nfor = ["basic-research"]\n\n'
    problems = problems_with(tmp_path, ('[[steps]]\nid = "category"', f'{step}[[steps]]\nid = "category"'))
    assert problems == {"steps[first].fields[last].for": "“for” can only be used on pages after the one that asks for the category."}


@pytest.mark.parametrize(("before", "where"), [
    ('["summary"] },\n]', "checklist[languages].reasons[4].fields[1]"), ('["category"]\n\n[[ineligible]]', "ineligible[2].fields[1]"),
])
def test_a_usual_reason_about_a_question_that_is_not_asked(tmp_path, before, where):
    problems = problems_with(tmp_path, (f"fields = {before}", "fields = " + before.replace("[", '["abstract", ', 1)))
    assert list(problems) == [where]
    assert problems[where].startswith("There is no “abstract”. There are: category, title, organization,")


def test_a_step_without_questions(tmp_path):
    step = '[[steps]]\nid = "empty"\ntitle.zh = "空"\ntitle.en = "Empty"\n'
    assert problems_with(tmp_path, before_files(step)) == {"steps[empty]": "This page has no question yet."}


def test_questions_of_every_kind_are_accepted(tmp_path):
    kinds = ["line", "text", "country", "email", "phone", "link", "date", "yes-no"]
    questions = "".join(END.replace('"last"', f'"q{n}"') + f'kind = "{kind}"\n' for n, kind in enumerate(kinds))
    choices = END + 'kind = "choices"\nleast = 1\nmost = 1\noptions = [{ id = "a", label = { zh = "甲", en = "A" } }]\n'
    dependent = END.replace('"last"', '"then"') + 'kind = "line"\nlongest = 10\nwhen = "q7"\n'
    assert problems_with(tmp_path, before_files(questions + choices + dependent)) == {}


def test_an_attachment_that_lies_in_its_folder(tmp_path):
    (tmp_path / "wic-awards-2027").mkdir()
    (tmp_path / "wic-awards-2027" / "slides.pdf").write_bytes(b"%PDF")
    change = ('kind = "criteria"\ncategory = "key-technology"', 'kind = "file"\nfile = "slides.pdf"')
    assert problems_with(tmp_path, change) == {}


def test_everything_wrong_is_named_at_once(tmp_path):
    found = problems_with(
        tmp_path,
        ('deadline = "2027-06-15 24:00"', 'deadline = "June 15"'),
        ('zone = "Asia/Shanghai"', 'zone = "China Time"'),
        ("+86-15011376251", "12"),
        ("weight = 30", "weight = 31"),
        ('kind = "country"', 'kind = "contry"'),
        ('hint.zh = "牵头', 'hnt.zh = "牵头'),
        ('\ncore = true', '\ncore = "true"'),
        ('label.en = "Contact person"\n', ""),
    )
    assert found == {
        "deadline": "Write the date and time as 2027-06-15 24:00.",
        "zone": "There is no such time zone; write a name such as Asia/Shanghai.",
        "contact.phone": "This is no telephone number; write it like +86-15011376251.",
        "categories[basic-research]": "The weights of the category “basic-research” should add up to 100; they add up to 101.",
        "steps[basics].fields[country].kind":
            "This should be one of: line, text, choice, choices, country, email, phone, link, date, yes-no, rows. Did you mean “country”?",
        "steps[partnership].fields[partners].hnt": "There is no “hnt” here; did you mean “hint”?",
        "steps[partnership].fields[partners].hint.zh": '“zh” is missing; it should be a text in quotation marks "".',
        "files.kinds[papers].core": "This should be true or false, without quotation marks.",
        "steps[basics].fields[contact_person].label.en": '“en” is missing; it should be a text in quotation marks "".',
    }


def test_the_names_the_forms_use_are_refused():
    from app.call.schema import RESERVED_FIELDS
    from app.forms.step import RowForm, StepForm

    used = {name for form in (StepForm, RowForm) for name in dir(form) if name.islower() and not name.startswith(("_", "validate"))}
    assert used <= set(RESERVED_FIELDS)


def test_the_name_of_the_file(tmp_path):
    assert problems_with(tmp_path, name="wic-awards") == {
        "edition": "The name of the file should hold the edition 2027, as in wic-awards-2027.toml."
    }
    assert problems_with(tmp_path, name="WIC 2027") == {
        "": "Rename the file: small letters, digits and hyphens, beginning with a letter, such as wic-awards-2027.toml."
    }
