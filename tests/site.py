"""A visitor's browser without a screen: keeps cookies, follows redirects, fills in forms, inspects every page."""

from urllib.parse import urljoin, urlsplit

from tests.inspecting import inspect

PASSWORD = "seven quiet herons 42"


class Site:
    def __init__(self, app):
        self.app, self.client = app, app.test_client()
        self.page = self.response = None
        self.address = "/"

    def open(self, address, status=200):
        """Gets an address and answers the parsed page, or None for a download."""
        return self._follow(self.client.get(address, buffered=True), address, status)

    def post(self, address, data, status=200, **kwargs):
        """Posts `data` with the token of the page that is open, as a browser would."""
        token = self.page.xpath("string(//input[@name='csrf_token']/@value)") if self.page is not None else ""
        data = {"csrf_token": token, **data} if isinstance(data, dict) else [("csrf_token", token), *data]
        if not isinstance(data, dict):
            from werkzeug.datastructures import MultiDict

            data = MultiDict(data)
        return self._follow(self.client.post(address, data=data, **kwargs), address, status)

    def submit(self, action=None, form="step", status=200, **given):
        """Fills the form with this id (or the n-th of the page) in and presses the button `action`.

        `given` holds input names with `__` for a hyphen; use `answers={name: value}` for others.
        """
        element = self.page.get_element_by_id(form) if isinstance(form, str) else self.page.forms[form]
        answers = {name.replace("__", "-"): value for name, value in given.pop("answers", {}).items()}
        answers |= {name.replace("__", "-"): value for name, value in given.items()}
        data = [(name, value) for name, value in element.form_values() if name not in answers]
        for name, value in answers.items():
            data += [(name, item) for item in (value if isinstance(value, list) else [value])]
        if action:
            data.append(("action", action))
        from werkzeug.datastructures import MultiDict

        address = urljoin(self.address, element.get("action") or self.address)
        return self._follow(self.client.post(address, data=MultiDict(data)), address, status)

    def _follow(self, response, address, status):
        for _ in range(10):
            if response.status_code not in (301, 302, 303, 307, 308):
                break
            address = urljoin(address, response.headers["Location"])
            parts = urlsplit(address)
            response = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""), buffered=True)
        assert response.status_code == status, f"{address}: {response.status_code}"
        self.response, self.address = response, urlsplit(address)._replace(fragment="").geturl()
        if response.mimetype != "text/html":
            return None
        self.page = inspect(response)
        return self.page

    def register(self, email, language="en", name="Anna Muster"):
        self.open(f"/{language}/account/register")
        self.submit(form=self._form_with("password"), email=email, name=name, password=PASSWORD)
        return self

    def sign_in(self, email, language="en", password=PASSWORD):
        self.open(f"/{language}/account/sign-in")
        self.submit(form=self._form_with("password"), email=email, password=password)
        return self

    def _form_with(self, name):
        return next(number for number, form in enumerate(self.page.forms) if name in form.fields)

    def text(self):
        """What the main part of the page says, white space folded."""
        return " ".join(self.page.xpath("string(//main)").split())

    def errors(self):
        """The sentences of the error summary."""
        return [" ".join(link.text_content().split()) for link in self.page.xpath("//*[@role='alert']//a")]

    def value(self, name):
        """What the input of this name shows."""
        element = self.page.xpath("//*[@name=$name]", name=name)[0]
        return element.value
