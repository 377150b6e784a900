"""What is wrong in the words of mails and certificates: placeholders that do not exist, that only one language has, or that are needed."""

from app.call.organizing import CERTIFICATE_PLACEHOLDERS, MAILS, PLACEHOLDERS, our_mail, placeholders
from app.call.problems import say
from app.languages import LANGUAGES, other

NEEDED = ("reasons", "until")
"""Without these a mail that has them says nothing."""
TONGUES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}


def check(call):
    for mail in call.groups("mails"):
        own = MAILS.get(our_mail(mail.text("id")), ())
        known = (*PLACEHOLDERS, *own)
        parts = [mail.group("subject"), mail.group("text")]
        used = {language: {name for part in parts for name in placeholders(part.text(language))} for language in LANGUAGES}
        for language in LANGUAGES:
            for part in parts:
                yield from _unknown(part, language, known)
            # A slip in a placeholder is told once.
            for name in sorted(used[other(language)] - used[language]) if used["zh"] | used["en"] <= set(known) else ():
                zh, en = TONGUES[other(language)]
                words = say(f"{zh}中有{{{name}}}，这里没有。", f"The {en} has {{{name}}}, and this has not.")
                yield parts[1].at(language), words
        for name in NEEDED:
            if name in own and name not in used["zh"] | used["en"]:
                yield parts[1].path, say(f"这封邮件须写明{{{name}}}。", f"This mail has to say {{{name}}}.")
    certificate = call.group("certificate").group("text")
    for language in LANGUAGES:
        yield from _unknown(certificate, language, CERTIFICATE_PLACEHOLDERS)


def _unknown(part, language, known):
    for name in placeholders(part.text(language)):
        if name not in known:
            zh, en = (separator.join(f"{{{name}}}" for name in known) for separator in ("、", ", "))
            yield part.at(language), say(f"没有“{{{name}}}”。可用的有：{zh}。", f"There is no “{{{name}}}”. There are: {en}.")
