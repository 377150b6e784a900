"""The mail back end for a site with a mail server: STARTTLS, too, talks only to the server that the certificate names."""

import smtplib
import ssl

from flask_mailman.backends import smtp


class _Verifying(smtplib.SMTP):
    def starttls(self, **kwargs):
        # Without a context of ours smtplib encrypts, but to whoever answers.
        return super().starttls(context=ssl.create_default_context())


class EmailBackend(smtp.EmailBackend):
    connection_class = property(lambda self: smtplib.SMTP_SSL if self.use_ssl else _Verifying)
