"""Made-up applications of every status in an instance of its own, for an organizer to try the site."""

import io
from datetime import timedelta
from pathlib import Path

from app import demo_review, rules
from app.applying import drafts, saving, submitting
from app.call import loading
from app.demo_review import PASSWORD
from app.desk import formal_check
from app.extensions import writing
from app.files import uploads
from app.people import accounts

ORGANIZERS = {"organizer@example.org": "李明", "organizer2@example.org": "Sofia Rossi"}
PEOPLE = [("林晓雯", "Lin Xiaowen"), ("陈志远", "Chen Zhiyuan"), ("穆勒", "Anna Müller"), ("佐藤健", "Sato Ken"), ("阿米娜", "Amina Yusuf")]
ACHIEVEMENTS = [
    ("面向城域网的量子密钥分发", "Quantum key distribution for metropolitan networks",
     "示例大学量子网络实验室", "Quantum Networks Lab, Example University", "CN", "basic-research", "quantum"),
    ("开放的高能效处理器指令扩展", "Open instruction extensions for energy-efficient processors",
     "示例芯片研究所", "Example Chip Institute", "DE", "key-technology", "chips"),
    ("低轨卫星互联网的星间路由", "Inter-satellite routing for low-orbit internet constellations",
     "示例航天通信公司", "Example Space Communications", "CN", "key-technology", "satellite"),
    ("工业机器人的安全协作控制", "Safe collaborative control of industrial robots",
     "示例智能制造集团", "Example Manufacturing Group", "JP", "engineering-rd", "industrial"),
    ("隐私保护的医疗数据协作平台", "A privacy-preserving platform for medical data",
     "示例数字健康中心", "Example Digital Health Centre", "SG", "engineering-rd", "health"),
    ("大规模图学习的理论界限", "Theoretical limits of large-scale graph learning",
     "示例理工学院", "Example Institute of Technology", "GB", "basic-research", "ai"),
    ("千万级物联网终端的轻量安全协议", "A lightweight security protocol for ten million devices",
     "示例网络安全实验室", "Example Network Security Lab", "CN", "key-technology", "security"),
    ("港口数字孪生调度系统", "A digital twin for scheduling container ports",
     "示例港口科技公司", "Example Port Technology", "NL", "engineering-rd", "digital-twins"),
    ("开源数据库的自适应查询优化", "Adaptive query optimization in an open-source database",
     "示例开源基金会", "Example Open Source Foundation", "US", "engineering-rd", "open-source"),
    ("面向乡村的低成本宽带接入", "Low-cost broadband access for rural communities",
     "示例通信研究院", "Example Telecommunications Institute", "KE", "engineering-rd", "mobile"),
    ("可验证的数字身份体系", "A verifiable digital identity system",
     "示例身份技术联盟", "Example Identity Alliance", "BR", "key-technology", "blockchain"),
    ("分布式存储的近似最优纠删码", "Near-optimal erasure codes for distributed storage",
     "示例计算研究所", "Example Computing Institute", "CN", "basic-research", "cloud"),
    ("面向城市治理的多源数据融合", "Fusing many data sources for city services",
     "示例大数据中心", "Example Big Data Centre", "KR", "key-technology", "big-data"),
    ("灾害现场的自组网救援机器人", "Rescue robots that form their own network at disaster sites",
     "示例机器人实验室", "Example Robotics Lab", "IT", "engineering-rd", "robotics"),
    ("大规模无源传感的信息论", "An information theory of passive sensing at scale",
     "示例大学信息学院", "School of Information, Example University", "CN", "basic-research", "iot"),
    ("面向工业现场的确定性网络", "Deterministic networks for the factory floor",
     "示例自动化公司", "Example Automation", "DE", "key-technology", "industrial"),
    ("低资源语言的语音交互", "Spoken interaction in languages with little data",
     "示例语言技术中心", "Example Language Technology Centre", "IN", "engineering-rd", "ai"),
    ("后量子密码的工程化迁移", "Moving infrastructure to post-quantum cryptography",
     "示例密码学会", "Example Cryptography Society", "FR", "engineering-rd", "security"),
    ("可重构芯片的形式化验证", "Formal verification of reconfigurable chips",
     "示例集成电路大学", "Example University of Circuits", "CN", "basic-research", "chips"),
    ("偏远地区的卫星远程医疗", "Satellite telemedicine for remote regions",
     "示例远程医疗联盟", "Example Telemedicine Alliance", "CA", "engineering-rd", "health"),
]  # fmt: skip
REASONS = {
    "returned": [
        {"step": "basics", "field": "title", "zh": "请使用成果的规范全称，不含宣传性用语。",
         "en": "Please give the full and precise name of the achievement, without promotional words."},
        {"step": "contributors", "field": "contributors", "row": "2", "zh": "请核对姓名的中英文写法，证书上的姓名以此处为准。",
         "en": "Please check how the name is written in both languages; the certificate will follow it."},
        {"step": "files", "zh": "扫描件不清晰，请重新上传。", "en": "The scan is hard to read. Please upload a clearer one."},
    ],
    "ineligible": [
        {"step": "category", "field": "category", "zh": "申报内容为尚未验证的设想，不属于本类别的征集范围。",
         "en": "The content is a plan that has not been verified yet, which this category does not call for."},
        {"zh": "同一成果已由另一单位申报。", "en": "The same achievement has been entered by another organization."},
    ],
}  # fmt: skip
"""Of the applications that are returned, or ineligible; the file is the last one."""
NOTES = ("已电话联系申报单位，对方确认将补充材料。", "Compare with the application of the other laboratory before deciding.")
LAST_EDITION = ("not-submitted", "return-lapsed", "ineligible", "result", "improved late", "extended")
MORE = ("reopened", "improved late", "extended", "answered", "draft", "submitted", *4 * ["under-review"], *8 * ["result"])
"""Besides one of every status: reopened, returned beyond the deadline, given more time, handed in again after a return; enough to
be reviewed and ranked."""


def fill(folder):
    """Makes the instance `folder` and yields the lines that tell how to look at it."""
    from app import create_app

    app = create_app(folder)
    with app.app_context():
        now = rules.now()
        (current,) = app.calls.all()
        last = _last_edition(app, current)
        people = [
            accounts.register(email=f"applicant{n}@example.org", name=zh, password=PASSWORD, language="zh" if n % 2 else "en", now=now).user
            for n, (zh, _en) in enumerate(PEOPLE, 1)
        ]
        organizers = [
            accounts.register(email=email, name=name, password=PASSWORD, language="zh", now=now).user for email, name in ORGANIZERS.items()
        ]
        with writing():
            for user in organizers:
                user.role = "organizer"
            for user in (*people, *organizers):
                user.confirmed_at = now
        kinds = [*rules.STATUSES, *MORE]
        for n, kind in enumerate(kinds):
            # What is decided belongs to last year's edition, what is still open to this one's.
            call = last if kind in LAST_EDITION else current
            ago = timedelta(days=2 + n * 5 % 43, hours=n * 7 % 12)
            then = (call.closes_at - timedelta(days=8) if call is last else now) - ago
            application = _application(people[n % len(people)], call, kind, ACHIEVEMENTS[n % len(ACHIEVEMENTS)], then)
            _course(application, call, kind, organizers[n % 2], then, now)
        demo_review.review(current, last, organizers[0], now)
    yield f"{len(kinds)} applications are in {folder}. 演示申报已生成。"
    yield "Look at them: 查看方式："
    yield f"  LAUREL_INSTANCE={folder} python wsgi.py --port 8001"
    yield f"  {', '.join(ORGANIZERS)}, applicant1@example.org … applicant{len(PEOPLE)}@example.org,"
    yield f"  expert1@example.org … expert{len(demo_review.EXPERTS)}@example.org, password 密码 {PASSWORD}"


def _last_edition(app, call):
    year = call.edition - 1
    call_id = call.id.replace(str(call.edition), str(year))
    path = Path(app.instance_path) / "calls" / f"{call_id}.toml"
    path.write_text(loading.source_for_edition(call.source, call.edition, year), "utf-8")
    last, _problems = loading.read(path)
    return last


def _application(user, call, kind, achievement, then):
    application = drafts.create(user=user, call=call, now=then)
    answers = sample_answers(call, achievement)
    if kind in ("draft", "not-submitted", "extended"):
        answers.pop("materials")
    for step_id, posted in answers.items():
        saving.save(application=application, call=call, step=call.step(step_id), posted=posted, version=None, now=then)
    for file_kind, zh, en in (("papers", "论文", "Paper"), ("patents", "专利证书", "Patent certificate")):
        content = io.BytesIO(sample_pdf(en))
        uploads.store(application=application, call=call, kind=file_kind, name=f"{zh}_{en}.pdf", stream=content, now=then)
    if kind not in ("draft", "not-submitted", "extended"):
        submitting.submit(application=application, call=call, expected=0, now=then)
    return application


def _course(application, call, kind, organizer, then, now):
    """What became of it: handed in, or begun, at `then`."""

    def check(outcome, reasons=(), until=None):
        held = [point.id for point in call.checklist if outcome == "passed" or point.id not in ("title", "names")]
        formal_check.check(
            application=application, call=call, organizer=organizer, outcome=outcome, snapshot_n=1, last_check_id=None,
            held=held, reasons=reasons, until=until, now=then + timedelta(hours=3),
        )  # fmt: skip

    if kind == "withdrawn":
        drafts.withdraw(application=application, call=call, now=then)
    elif kind == "reopened":
        drafts.reopen(application=application, call=call, now=then)
    elif kind == "extended":
        reason = "申报单位所在地受台风影响，网络中断。"
        until = now + timedelta(days=10)
        formal_check.extend(application=application, call=call, organizer=organizer, until=until, reason=reason, now=then)
    elif kind == "ineligible":
        check("ineligible", REASONS["ineligible"])
    elif kind in ("returned", "return-lapsed", "improved late", "answered"):
        files = {"file_ref": application.files[-1].ref}
        until = now + timedelta(days=14) if kind == "improved late" else call.closes_at
        check("returned", [reason | files if reason["step"] == "files" else reason for reason in REASONS["returned"]], until)
        for note in NOTES:
            formal_check.add_note(application=application, organizer=organizer, text=note, now=then + timedelta(hours=4))
        if kind == "answered":
            title = drafts.title_of(application, call)
            mended = {"title-zh": [f"{title['zh']}的方法与验证"], "title-en": [f"{title['en']}: method and verification"]}
            posted = drafts.raw_of(application)["basics"] | mended
            saving.save(application=application, call=call, step=call.step("basics"), posted=posted, version=None, now=then)
            submitting.submit(application=application, call=call, expected=1, now=then + timedelta(hours=6))
    elif kind in ("passed", "under-review", "result"):
        check("passed")


def sample_answers(call, achievement):
    """`{step id: {input name: [strings]}}` that completes every text step of the shipped call."""
    zh, en, organization_zh, organization_en, country, category, area = achievement
    areas = [known.id for known in call.areas]
    text_zh = f"本成果围绕“{zh}”展开研究，提出了新的方法，并在三个场景中得到验证，相关数据见所附证明材料。"
    text_en = f"This work on “{en}” proposes a new method that was verified in three settings; the data stand in the attached files."
    answers = {
        "category": {"category": [category]},
        "basics": {
            "title-zh": [zh], "title-en": [en],
            "organization-zh": [organization_zh], "organization-en": [organization_en],
            "country": [country], "areas": [next((known for known in areas if area in known), areas[0])],
            "contact_person-zh": ["王芳"], "contact_person-en": ["Wang Fang"],
            "contact_email": ["wang.fang@example.org"], "contact_phone": ["13800138000"],
            "joint": ["no"],
        },
        "contributors": {"contributors-row": []},
        "materials": {},
    }  # fmt: skip
    for number, (name_zh, name_en) in enumerate(PEOPLE[:3], 1):
        cells = {"name": (name_zh, name_en), "organization": (organization_zh, organization_en), "role": ("课题负责人", "Lead researcher")}
        answers["contributors"]["contributors-row"].append(str(number))
        for sub, sides in cells.items():
            for side, value in zip(("zh", "en"), sides, strict=True):
                answers["contributors"][f"contributors-{number}-{sub}-{side}"] = [value]
    for field in call.step("materials").fields:
        if field.both and (not field.for_ or category in field.for_):
            answers["materials"] |= {f"{field.id}-zh": [text_zh], f"{field.id}-en": [text_en]}
    return answers


def sample_pdf(text):
    """The bytes of a one-page PDF that says `text` (ASCII)."""
    import pikepdf

    with pikepdf.new() as document:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, 595, 842],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font)),
            Contents=document.make_stream(f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode("ascii")),
        )
        document.pages.append(pikepdf.Page(document.make_indirect(page)))
        target = io.BytesIO()
        document.save(target)
    return target.getvalue()
