"""How a path of the API names a person; whom it names, if anybody, `accounts.people.find_person` says."""

from django.urls import register_converter


class PersonConverter:
    """A number, `self` or `sis_user_id:X`, where X may hold a slash that came percent-encoded."""

    regex = "[^/]+|sis_user_id:.+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PersonConverter, "person")

PERSON = "users/<person:user_id>"
