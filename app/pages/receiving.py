"""What a request may bring along, beyond what Flask bounds by itself."""

import io

import flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser


class _Parser(FormDataParser):
    """Bounds forms without files like those with: a million fields in a hundred megabytes would take minutes and gigabytes."""

    def parse(self, stream, mimetype, content_length, options=None):
        if mimetype == "application/x-www-form-urlencoded":
            if (content_length or 0) > self.max_form_memory_size:
                raise RequestEntityTooLarge
            body = stream.read()
            if body.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge
            stream = io.BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class Request(flask.Request):
    form_data_parser_class = _Parser
