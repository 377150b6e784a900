"""Names and certificates in every state that looks different, over the results that `result_pages` released."""

from app import rules
from app.honors import certificates, honoring, names
from tests.honored import confirmed


def certificate_states(organizer, call, past):
    """`{endpoint: [(path, who, button to press or None)]}`; `past` is the call whose decisions are released."""
    now = rules.now()
    names.ask(past, None, None, organizer, now)
    honored = honoring.of_call(past, now)
    ref, other = honored[0].application.ref, honored[-1].application.ref
    confirmed(past, ref, organizer, "1", "𠮷田㛃", "Yoshida Kiyoshi", "JP")
    confirmed(past, ref, organizer, "2", "阿卜杜拉·买买提", "Abdulla Memet")
    certificates.issue(past, [ref], None, organizer, now)
    confirmed(past, other, organizer, "1", "Anna Müller-Lüdenscheidt von der Heydte", "Anna Müller-Lüdenscheidt von der Heydte")
    first, second = (honoring.find(ref, row, past, now) for row in "12")
    right = {"zh": "阿卜杜拉·买买提", "en": "Abdulla Mämät", "form": "SC"}
    new = certificates.replace(second, past, second.certificate, **right, reason="As the passport has it", user=organizer, now=now)
    certificates.revoke(new, "Not a contributor after all", organizer, now)
    links = [names.link(one.confirmation, "en").partition("/en/names/")[2] for one in honoring.of_call(past, now)]
    codes = [first.certificate.code, second.certificate.code, new.code]
    return {
        "names.confirm": [(f"/names/{link}", "nobody", None) for link in (*links[:3], links[-3])],
        "certificates.verify": [(f"/certificates/{code}", "nobody", None) for code in codes],
        "desk.certificates": [(f"/desk/certificates?call={one.id}", "organizer", None) for one in (past, call)],
        "desk.certificate_design": [(f"/desk/certificates/design/{past.id}", "organizer", None)],
        "desk.contributor": [
            *((f"/desk/certificates/{ref}/{row}", "organizer", None) for row in "12"),
            (f"/desk/certificates/{ref}/3", "organizer", "[value=confirm]"),
        ],
        "apply.overview": [(f"/applications/{ref}", "owner", None)],
    }
