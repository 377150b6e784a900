"""The shipped call serves every demand of the award's own guide, in both languages."""

import re
from datetime import UTC, datetime

import pytest

from app.applying import claims
from app.call.loading import SHIPPED, read
from app.call.schema import Part
from app.languages import Text

CALL, PROBLEMS = read(SHIPPED)
HAN = re.compile(r"[\u3400-\u9fff]")
TWO_LATIN_WORDS = re.compile(r"[A-Za-z][\w’'&-]*\s+[A-Za-z][\w’'&-]*")
QUOTED_NAME_OF_A_FILE = "专利证书_Patent certificate.pdf"


def texts(part, path="call"):
    """Every (place, Text) of a call, however deep."""
    if isinstance(part, Text):
        yield path, part
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from texts(getattr(part, name), f"{path}.{name}")
    elif isinstance(part, tuple):
        for n, item in enumerate(part):
            yield from texts(item, f"{path}[{n}]")


EVERY_TEXT = list(texts(CALL))


def field(step, name):
    return next(field for field in CALL.step(step).fields if field.id == name)


def said(language, *parts):
    return "\n".join(text[language] for part in parts for _, text in texts(part))


def reminders(step_id):
    return [reminder.zh for reminder in CALL.step(step_id).reminders]


def test_it_loads():
    assert PROBLEMS == []
    assert (CALL.id, CALL.edition, CALL.number_prefix) == ("wic-awards", 2027, "WIC2027")


def test_1_register_or_sign_in():
    assert "首次使用请先注册账号，已有账号可直接登录" in CALL.guide[0].text.zh
    assert "Register an account if this is your first visit, or sign in" in CALL.guide[0].text.en


def test_2_new_application():
    assert CALL.name.zh == "世界互联网大会领先科技奖"
    assert CALL.name.en == "World Internet Conference Awards for Pioneering Science and Technology"
    assert (CALL.short_name.zh, CALL.short_name.en) == ("领先科技奖", "WIC Awards")
    assert "点击“新建申报”" in CALL.guide[0].text.zh
    assert "choose “New Application”" in CALL.guide[0].text.en


def test_3_basic_information():
    assert [(field.id, field.kind, field.label.zh, field.label.en, field.both) for field in CALL.step("basics").fields] == [
        ("title", "line", "成果名称", "Achievement name", True),
        ("organization", "line", "申报单位", "Organization", True),
        ("country", "country", "国家/地区", "Country or region", False),
        ("areas", "choices", "成果领域", "Achievement area", False),
        ("contact_person", "line", "联系人", "Contact person", True),
        ("contact_email", "email", "联系邮箱", "Contact e-mail", False),
        ("contact_phone", "phone", "联系电话", "Contact phone", False),
        ("joint", "yes-no", "是否联合申报？", "Is this a joint application?", False),
    ]
    assert [field.id for field in CALL.step("basics").fields if field.private] == ["contact_person", "contact_email", "contact_phone"]
    assert reminders("basics")[0].startswith("请用中英文完整填写")
    assert CALL.step("basics").reminders[0].en.startswith("Please complete this page in both Chinese and English")


def test_4_contributors():
    people = field("contributors", "contributors")
    assert (people.label.zh, people.least, people.most, people.row.en) == ("主要贡献者", 1, 20, "Contributor")
    assert [(part.id, part.kind, part.both, part.latin, part.required, part.private) for part in people.fields] == [
        ("name", "line", True, True, True, False),
        ("organization", "line", True, True, True, False),
        ("role", "line", True, False, True, False),
        ("email", "email", False, False, False, True),
    ]
    assert "每位主要贡献者都将获颁个人荣誉证书，每项成果最多可列20位" in reminders("contributors")[0]
    assert "receives an individual certificate of honor; up to 20" in CALL.step("contributors").reminders[0].en


def test_5_partnership():
    step = CALL.step("partnership")
    assert step.when == "joint"
    assert [(field.id, field.kind, field.label.zh, field.label.en) for field in step.fields] == [
        ("partners", "rows", "联合申报单位", "Joint applicants"),
        ("partnership_importance", "text", "合作的重要性", "Importance of the Partnership"),
    ]
    assert [(part.id, part.kind, part.both) for part in step.fields[0].fields] == [
        ("organization", "line", True), ("country", "country", False), ("contribution", "text", True)
    ]
    assert (step.fields[0].least, step.fields[0].most) == (1, 10)
    assert "国际联合研发或合作" in reminders("partnership")[0]
    assert "international joint R&D or collaboration" in step.reminders[0].en


def test_6_categories():
    assert [(c.id, c.name.zh, c.name.en, c.quick_guide.zh, c.quick_guide.en) for c in CALL.categories] == [
        ("basic-research", "基础研究", "Basic Research", "引领理论创新", "Leading theoretical innovation"),
        ("key-technology", "关键技术", "Key Technology", "突破技术瓶颈", "Breaking through technical bottlenecks"),
        ("engineering-rd", "工程研发", "Engineering R&D", "实现规模效益", "Achieving economies of scale"),
    ]
    assert field("category", "category").options == "categories"


def test_7_attachments():
    assert [(a.name, a.kind, a.category, a.title.zh, a.title.en) for a in CALL.attachments] == [
        ("introduction", "slides", None, "奖项介绍", "Introduction to the awards"),
        ("criteria-basic-research", "criteria", "basic-research", "评审标准：基础研究", "Evaluation criteria: Basic Research"),
        ("criteria-key-technology", "criteria", "key-technology", "评审标准：关键技术", "Evaluation criteria: Key Technology"),
        ("criteria-engineering-rd", "criteria", "engineering-rd", "评审标准：工程研发", "Evaluation criteria: Engineering R&D"),
    ]
    assert CALL.step("category").attachments == tuple(attachment.name for attachment in CALL.attachments)
    assert len(CALL.attachments[0].slides) == 8
    assert reminders("category")[0].startswith("请点击附件")


def test_8_areas():
    areas = field("basics", "areas")
    assert (areas.options, areas.least, areas.most) == ("areas", 1, 2)
    assert "最多选择两个。评审专家将据此匹配" in areas.hint.zh
    assert [area.name.zh for area in CALL.areas] == [
        "人工智能", "5G/6G与移动通信", "网络与信息安全", "云计算与高性能计算", "大数据", "物联网", "芯片与操作系统", "量子信息",
        "卫星互联网与导航",
        "工业互联网与智能制造",
        "具身智能与机器人", "区块链与数字身份", "数字孪生与虚拟现实", "开源与基础软件", "数字健康", "其他",
    ]
    assert [area.name.en for area in CALL.areas][::5] == [
        "Artificial intelligence", "Internet of Things", "Embodied intelligence and robotics", "Other"
    ]


@pytest.mark.parametrize(("category", "own"), [
    ("basic-research", ["理论创新", "科学验证与同行评价"]),
    ("key-technology", ["技术瓶颈与突破", "核心指标与国际对比"]),
    ("engineering-rd", ["工程方案与创新", "应用规模与效益"]),
])
def test_9_each_category_has_its_own_questions(category, own):
    asked = [field for field in CALL.step("materials").fields if not field.for_ or category in field.for_]
    assert [field.label.zh for field in asked] == ["成果简介", *own, "国际影响力", "数据与证据说明", "成果网址"]
    assert [field.label.zh for field in asked if field.for_] == own
    assert [field.both and field.limit("zh") >= 500 for field in asked] == [True] * 5 + [False]
    assert [field.id for field in asked if not field.required] == ["website"]


@pytest.mark.parametrize("text", [
    "这是世界最大的平台", "处于世界领先水平", "属国内首创", "国际领先", "全球首个", "填补空白", "填补了国内空白", "全球最快的芯片",
    "全球唯一", "前所未有",
    "the world's largest network", "a world-leading result", "world leading", "the first in the world", "unprecedented", "State of the art",
    "the first-ever", "the world’s first", "unrivalled speed", "Fills a gap", "one of a kind", "the most advanced in the world",
])
def test_10_claims_are_found(text):
    assert claims.find(text, CALL.claims.zh + CALL.claims.en)


@pytest.mark.parametrize("text", [
    "首先，我们介绍世界互联网大会", "最大值为5", "每个设备有唯一标识", "第一个阶段",
    "First, we describe the method.", "The largest eigenvalue", "leading to better results",
])
def test_10_plain_words_are_no_claims(text):
    assert claims.find(text, CALL.claims.zh + CALL.claims.en) == []


def test_10_claims_need_supporting_materials():
    assert "“世界最大”“世界领先”等表述应附证明材料" in reminders("materials")[0]
    assert "“world’s largest” or “world-leading” need supporting materials" in CALL.step("materials").reminders[0].en


def test_11_kinds_of_supporting_files():
    assert [(kind.id, kind.name.zh, kind.name.en, kind.core) for kind in CALL.files.kinds] == [
        ("papers", "论文", "Papers", True),
        ("patents", "专利", "Patents", True),
        ("awards", "获奖", "Awards", True),
        ("standards", "国际标准", "International standards", False),
        ("software-copyright", "软件著作权", "Software copyright", False),
        ("evaluation-reports", "评测报告", "Evaluation reports", False),
        ("citations", "引用与评价", "Peer citations and reviews", False),
        ("application-proofs", "应用证明", "Application proofs", False),
        ("others", "其他", "Others", False),
    ]


def test_12_how_files_are_uploaded():
    assert CALL.step("files").fields == ()
    assert reminders("files")[0].startswith("核心材料（建议提供）在前：论文、专利、获奖")
    assert reminders("files")[1].startswith("附件数量不限，单个文件不超过5MB，请以中英文命名")
    assert "中英文索引目录由系统自动生成" in reminders("files")[1]
    assert "each may be up to 5 MB. Name them in both Chinese and English" in CALL.step("files").reminders[1].en


def test_13_drafts():
    assert CALL.guide[4].text.zh == "填写过程中可随时保存草稿。请确认内容准确无误后，再点击“提交”。"
    assert CALL.guide[4].text.en == "Drafts can be saved at any time. Confirm that everything is accurate before you choose “Submit”."


def test_14_deadline():
    assert CALL.closes_at.astimezone(UTC) == datetime(2027, 6, 15, 16, 0, tzinfo=UTC)
    assert (CALL.zone, CALL.zone_name.zh, CALL.zone_name.en, CALL.grace_minutes) == ("Asia/Shanghai", "北京时间", "Beijing time", 0)
    assert CALL.opens is None
    assert "截止时间为2027年6月15日24:00（北京时间），届时系统自动关闭" in CALL.notes[0].text.zh
    assert "June 15, 2027, 24:00 Beijing time; the system then closes by itself" in CALL.notes[0].text.en


def test_15_early_submission():
    assert CALL.check_reminder.zh == "建议尽早提交：形式审查会给出反馈，截止前您可以据此修改完善并再次提交。"
    assert CALL.check_reminder.en.startswith("Submit early: a formal review gives you feedback")
    assert "Submit by April 30, 2027, have feedback by May 15" in CALL.dates[1].date.en


@pytest.mark.parametrize("category", ["basic-research", "key-technology", "engineering-rd"])
def test_15_formal_review_has_a_checklist_with_reasons_at_hand(category):
    points = [point for point in CALL.checklist if not point.for_ or category in point.for_]
    assert len(points) == 13
    assert {len(point.reasons) for point in points} <= {1, 2, 3, 4}
    asked = [field.id for step in CALL.steps for field in step.fields if not field.for_ or category in field.for_]
    assert {name for point in points for reason in point.reasons for name in reason.fields} <= set(asked)
    assert [reason.text.zh for reason in CALL.ineligible][0] == "成果不属于互联网与信息技术领域。"


def test_16_contact():
    assert (CALL.contact.name.zh, CALL.contact.name.en) == ("赵女士", "Ms. Zhao")
    assert (CALL.contact.phone, CALL.contact.email) == ("+86-15011376251", "SciTec@wicinternet.org")


def test_17_call_for_entries():
    assert [date.name.zh for date in CALL.dates] == ["申报开始", "形式审查反馈", "申报截止", "专家评审", "颁奖典礼"]
    assert [date.sample for date in CALL.dates] == [True, True, False, True, False]
    assert (CALL.sections[0].title.zh, CALL.sections[0].sample) == ("奖项权益", True)


def test_18_professional_bilingual_data_supported():
    assert CALL.notes[2].text.zh == "以数据为支撑，表述客观、专业，中英文对照，突出技术水平、创新性和国际影响力。"
    assert "data-supported, objective and professional presentation in both languages" in CALL.notes[2].text.en


def test_19_about_the_organizer():
    about = CALL.sections[2]
    assert (about.title.zh, about.sample) == ("关于主办方", False)
    for part in ("2022年7月12日", "中国北京", "国际组织", "GSMA", "CNCERT", "CNNIC", "阿里巴巴集团", "腾讯", "之江实验室"):
        assert part in about.text.zh
    for part in ("July 12, 2022", "Beijing, China", "international organization", "GSMA", "CNCERT", "CNNIC", "Alibaba Group", "Tencent",
                 "Zhijiang Lab"):
        assert part in about.text.en


def test_20_ceremony():
    assert (CALL.sections[1].title.zh, CALL.sections[1].sample) == ("颁奖典礼", False)
    assert "世界互联网大会乌镇峰会期间举行，并通过主要平台面向全球播出" in CALL.sections[1].text.zh
    assert "during the Wuzhen Summit of the World Internet Conference and broadcast worldwide" in CALL.sections[1].text.en


def test_the_five_steps_of_the_guide():
    assert [step.title.zh for step in CALL.guide] == [
        "注册账号，新建申报", "填写基本信息，选准类别与领域", "填写申报材料", "上传证明材料", "保存草稿，确认提交"
    ]
    assert [len(step.reminders) for step in CALL.guide] == [0, 3, 1, 1, 1]


def test_the_steps_of_the_form():
    assert [(step.id, step.title.zh) for step in CALL.steps] == [
        ("category", "成果类别"), ("basics", "基本信息"), ("contributors", "主要贡献者"), ("partnership", "联合申报"),
        ("materials", "申报材料"), ("files", "证明材料"),
    ]


def test_what_the_guide_does_not_give_is_marked_as_a_sample():
    for category in CALL.categories:
        assert 4 <= len(category.criteria) <= 6
        assert sum(criterion.weight for criterion in category.criteria) == 100
        assert all(criterion.sample for criterion in category.criteria)
    assert all(field.sample for field in CALL.step("materials").fields)
    assert (CALL.privacy.sample, CALL.declaration.sample) == (True, True)


def test_no_sum_is_promised():
    words = said("zh", CALL) + said("en", CALL)
    assert re.findall(r"奖金|万元|美元|人民币|[$€¥￥]|\bprize money\b|\bRMB\b|\bUSD\b|\bcash\b", words) == []


@pytest.mark.parametrize(("place", "text"), EVERY_TEXT, ids=[place for place, _ in EVERY_TEXT])
def test_each_side_is_in_its_own_language(place, text):
    zh = text.zh.replace(QUOTED_NAME_OF_A_FILE, "")
    assert HAN.search(zh)
    assert TWO_LATIN_WORDS.findall(zh) == []
    assert re.findall(r"[,;:!?()]|\.(?=\s|$)", re.sub(r"\d:\d\d|\*\*.*\*\*", "", zh)) == []
    assert not HAN.search(text.en)
    assert re.findall(r"[\u3000-\u303f\uff00-\uffef]|(?<!\d)[\"]| ' |\w'\w", text.en) == []


def test_the_phrases_that_claim_are_in_their_language_and_distinct():
    assert all(HAN.search(phrase) for phrase in CALL.claims.zh)
    assert not any(HAN.search(phrase) for phrase in CALL.claims.en)
    for phrases in (CALL.claims.zh, CALL.claims.en):
        folded = [re.sub(r"[-’']", " ", phrase.lower()) for phrase in phrases]
        assert sorted(set(folded)) == sorted(folded)


def test_every_pair_has_room_in_both_languages():
    for step in CALL.steps:
        for outer in step.fields:
            for question in (outer, *outer.fields):
                if question.both:
                    assert question.longest.zh > question.longest.en > 0, question.id


def test_the_year_stands_only_where_the_edition_is_meant():
    assert [row[:110] for row in SHIPPED.read_text("utf-8").split("\n") if "2027" in row and not row.startswith("#")] == [
        "edition = 2027                      # 届次，须出现在文件名中 · the edition; it stands in the file’s name, too",
        'number_prefix = "WIC2027"           # 申报编号的开头 · how application numbers begin: WIC2027-0042',
        'deadline = "2027-06-15 24:00"       # 24:00即当日结束 · 24:00 is the end of that day',
        'date.zh = "2027年4月30日前提交，5月15日前获得反馈；5月15日前提交，5月31日前获得反馈"',
        'date.en = "Submit by April 30, 2027, have feedback by May 15; submit by May 15, have feedback by May 31"',
        'date.zh = "2027年6月15日24:00（北京时间）"',
        'date.en = "June 15, 2027, 24:00 Beijing time"',
        'date.zh = "2027年下半年，具体时间以主办方公告为准"',
        'date.en = "Second half of 2027; the organizer will announce the dates"',
        'date.zh = "2027年世界互联网大会乌镇峰会期间"',
        'date.en = "During the 2027 Wuzhen Summit"',
        'text.zh = "申报截止时间为2027年6月15日24:00（北京时间），届时系统自动关闭。建议尽早提交，以便根据形式审查反馈修改完善材料。"',
        'text.en = "The deadline is June 15, 2027, 24:00 Beijing time; the system then closes by itself. Submit early t',
        "- 申报截止：2027年6月15日24:00（北京时间），系统自动关闭",
        "- Deadline: June 15, 2027, 24:00 Beijing time; the system closes by itself",
    ]
