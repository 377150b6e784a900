"""When two names may mean one organization or person, and two addresses one employer."""

import pytest

from app.review.affinity import differ, employer, organization_keys, person_keys, plain


def alike(one, other):
    (own, within), (their_own, their_within) = organization_keys(one), organization_keys(other)
    return bool(own & (their_own | their_within) or their_own & within)


SAME = [
    ("清华大学", "清华大学"),
    ("清华大学", "清華大學"),
    ("清华大学", "清华大学计算机科学与技术系"),
    ("清华大学", "信息科学技术学院（清华大学）"),
    ("清华大学", "之江实验室、清华大学"),
    ("國立臺灣大學", "国立台湾大学"),
    ("东京大学", "東京大學"),
    ("北京大学", "北京大学深圳研究生院"),
    ("电子科技大学", "电子科技大学自动化学院"),
    ("中国科学院", "中国科学院计算技术研究所"),
    ("中国人民大学", "中国人民大学 信息学院"),
    ("华为技术有限公司", "华为"),
    ("华为技术有限公司", "华为云计算技术有限公司"),
    ("腾讯科技（深圳）有限公司", "深圳市腾讯计算机系统有限公司"),
    ("阿里巴巴集团", "阿里巴巴(中国)有限公司"),
    ("阿里巴巴", "阿里巴巴达摩院"),
    ("中国电信集团有限公司", "中国电信股份有限公司"),
    ("中国移动", "中国移动通信研究院"),
    ("北京字节跳动科技有限公司", "字节跳动"),
    ("清华大学 Tsinghua University", "Tsinghua University"),
    ("腾讯AI Lab", "腾讯"),
    ("Ｈｕａｗｅｉ", "Huawei Technologies Co., Ltd."),
    ("University of Cambridge", "Cambridge University"),
    ("The University of Cambridge", "Department of Engineering, University of Cambridge"),
    ("Tsinghua University", "Tsinghua University Shenzhen International Graduate School"),
    ("Tsinghua University", "Institute for AI at Tsinghua University"),
    ("University of California", "University of California, Berkeley"),
    ("Universität Zürich", "Universitat Zurich"),
    ("Chinese Academy of Sciences", "Institute of Computing Technology, Chinese Academy of Sciences"),
    ("Siemens AG", "Siemens Healthineers GmbH"),
    ("Tencent Holdings Ltd.", "Tencent Technology (Shenzhen) Company Limited"),
    ("Alibaba Group", "Alibaba Cloud Computing Co. Ltd"),
    ("AT&T Inc.", "AT&T Labs"),
    ("China Mobile", "China Mobile Research Institute"),
    ("MIT", "MIT Media Lab"),
    ("Example Conference", "EXAMPLE CONFERENCE, Inc."),
]
DIFFERENT = [
    ("大学", "清华大学"),
    ("理工大学", "华南理工大学"),
    ("交通大学", "上海交通大学"),
    ("西安交通大学", "上海交通大学"),
    ("电子科技大学", "西安电子科技大学"),
    ("北京理工大学", "北京工业大学"),
    ("北京大学", "北京理工大学"),
    ("东南大学", "华东南大学城开发公司"),
    ("中国科学技术大学", "中国科学院"),
    ("有限公司", "华为技术有限公司"),
    ("北京", "北京大学"),
    ("中国", "中国移动"),
    ("人工智能研究院", "北京人工智能研究院"),
    ("计算机学院", "计算机学院"),
    ("中国移动通信集团", "中国电信集团"),
    ("深圳大学", "腾讯科技（深圳）有限公司"),
    ("之江实验室", "鹏城实验室"),
    ("University", "Tsinghua University"),
    ("University of Technology", "Beijing University of Technology"),
    ("Beijing University", "Beijing University of Technology"),
    ("Hong Kong University", "Hong Kong University of Science and Technology"),
    ("City University of Hong Kong", "University of Hong Kong"),
    ("Washington University", "George Washington University"),
    ("New York University", "University of York"),
    ("Department of Physics, Peking University", "Department of Physics, Fudan University"),
    ("Beijing, China", "Peking University, Beijing, China"),
    ("General Electric", "General Motors"),
    ("Company Limited", "Huawei Technologies Company Limited"),
    ("Institute of Technology", "Massachusetts Institute of Technology"),
    ("Shenzhen", "Tencent Technology (Shenzhen) Company Limited"),
    ("China Mobile", "China Telecom"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_organization_under_two_names_is_found(one, other):
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_organizations_are_not_taken_for_one(one, other):
    assert not alike(one, other)
    assert not alike(other, one)


@pytest.mark.parametrize("text", ["大学", "有限公司", "北京", "University", "Co., Ltd.", "Department of Physics", "Beijing, China", ""])
def test_words_that_name_no_organization_have_no_key(text):
    assert organization_keys(text)[0] == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("韩梅梅", ""), ("韓梅梅", "Han Meimei"), True),
        (("", "Meimei Han"), ("韩梅梅", "HAN Mei-mei"), True),
        (("", "Zoë O’Brien"), ("", "Zoe O'Brien"), True),
        (("阿卜杜拉·买买提", ""), ("阿卜杜拉 买买提", ""), True),
        (("王伟", "Wang Wei"), ("王维", "Wei Wang"), False),
        (("韩梅梅", "Han Meimei"), ("李雷", "Li Lei"), False),
        (("", "Plato"), ("", "Plato"), False),
    ],
)
def test_person_is_known_by_the_name_in_either_language(one, other, same):
    assert (bool(person_keys(*one) & person_keys(*other)) and not differ(one[0], other[0])) is same


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("a@tsinghua.edu.cn", "tsinghua.edu.cn"),
        ("a@mails.cs.Tsinghua.edu.cn", "tsinghua.edu.cn"),
        ("a@cl.cam.ac.uk", "cam.ac.uk"),
        ("a@huawei.com", "huawei.com"),
        ("a@research.huawei.com", "huawei.com"),
        ("a@ict.ac.cn", "ict.ac.cn"),
        ("a@gov.cn", "gov.cn"),
        ("a@qq.com", None),
        ("a@vip.qq.com", None),
        ("a@163.com", None),
        ("a@yahoo.co.jp", None),
        ("a@Yahoo.de", None),
        ("a@outlook.com", None),
        ("a@proton.me", None),
        ("a@mail.example.org", None),
        ("a@localhost", None),
        ("", None),
    ],
)
def test_employer_is_the_domain_that_no_public_mailbox_has(email, domain):
    assert employer(email) == domain


def test_width_case_accents_and_traditional_characters_make_no_difference():
    assert plain("ＡＢＣ Zürich 國際電腦") == "abc zurich 国际电脑"
