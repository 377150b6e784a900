"""The blueprint the applicant's pages hang on."""

from flask import Blueprint

blueprint = Blueprint("apply", __name__, url_prefix="/<any(zh,en):language>")
