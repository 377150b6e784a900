"""A call small enough that a test can spell out everything printed from it."""

from app.call.schema import Call


def pair(zh, en):
    return {"zh": zh, "en": en}


BASICS = {
    "id": "basics",
    "title": pair("基本信息", "Basics"),
    "reminders": [pair("请用全称。", "Use full names.")],
    "fields": [
        {"id": "category", "kind": "choice", "label": pair("类别", "Category"), "options": "categories"},
        {
            "id": "title",
            "kind": "line",
            "label": pair("名称", "Name"),
            "hint": pair("不含宣传。", "No promotion."),
            "both": True,
            "longest": {"zh": 50, "en": 30},
        },
        {"id": "joint", "kind": "yes-no", "label": pair("联合？", "Joint?"), "required": False},
    ],
}
PEOPLE = {
    "id": "people",
    "title": pair("人员", "People"),
    "fields": [
        {
            "id": "contributors",
            "kind": "rows",
            "label": pair("贡献者", "Contributors"),
            "row": pair("贡献者", "Contributor"),
            "least": 1,
            "most": 20,
            "fields": [{"id": "email", "kind": "email", "label": pair("邮箱", "E-mail"), "private": True}],
        }
    ],
}
MATERIALS = {
    "id": "materials",
    "title": pair("材料", "Materials"),
    "when": "joint",
    "fields": [
        {"id": "proof", "kind": "text", "label": pair("证明", "Proof"), "for": ["theory"], "longest": 9, "sample": True},
        {"id": "areas", "kind": "choices", "label": pair("领域", "Areas"), "options": "areas", "most": 2},
    ],
}
SLIDES = [
    {"title": pair("宗旨", "Purpose"), "text": pair("- 表彰创新\n面向全球", "- Honor innovation\nFor the world")},
    {"title": pair("很长", "Long"), "text": pair("量子" * 400, "word " * 600), "sample": True},
]
CRITERIA = [
    {"id": "a", "name": pair("原创性", "Originality"), "description": pair("新在何处。", "What is new."), "weight": 70},
    {"id": "b", "name": pair("影响", "Influence"), "description": pair("引用。", "Citations."), "weight": 30, "sample": True},
]

CALL = Call.model_validate(
    {
        "id": "example-2027",
        "edition": 2027,
        "number_prefix": "EX2027",
        "name": pair("示范奖", "Example Award"),
        "short_name": pair("示范", "Example"),
        "organizer": pair("示范大会", "Example Conference"),
        "zone": "Asia/Shanghai",
        "zone_name": pair("北京时间", "Beijing time"),
        "deadline": "2027-06-15 24:00",
        "summary": pair("简介", "Summary"),
        "introduction": pair("介绍", "Introduction"),
        "contact": {"name": pair("赵女士", "Ms. Zhao"), "phone": "+86-10-1234", "email": "a@example.org"},
        "privacy": pair("隐私", "Privacy"),
        "declaration": pair("内容属实。", "All of it is true."),
        "check_reminder": pair("请尽早提交。", "Submit early."),
        "claims": {"zh": [], "en": []},
        "categories": [
            {
                "id": "theory",
                "name": pair("基础研究", "Basic Research"),
                "quick_guide": pair("引领理论创新", "Leading theory"),
                "description": pair("新理论。", "New theories."),
                "criteria": CRITERIA,
            }
        ],
        "areas": [{"id": "ai", "name": pair("人工智能", "AI")}],
        "attachments": [
            {"name": "introduction", "title": pair("奖项介绍", "Introduction"), "kind": "slides", "slides": SLIDES},
            {"name": "criteria", "title": pair("评审标准", "Criteria"), "kind": "criteria", "category": "theory"},
        ],
        "files": {"types": ["pdf", "png"], "kinds": [{"id": "papers", "name": pair("论文", "Papers"), "core": True}]},
        "steps": [BASICS, PEOPLE, MATERIALS, {"id": "files", "title": pair("文件", "Files")}],
    }
)
