"""An expert's part on the panel: the invitation, what is asked, areas and capacity, conflicts of interest."""

from flask import render_template

from app.pages.access import expert
from app.pages.panel.blueprint import blueprint


@blueprint.get("/")
@expert
def home():
    return render_template("panel/home.html")
