"""Pages in a language that is written from the right."""

from tests.browser.gallery import Screen
from tests.browser.screens.steps import send

ARABIC = [
    Screen("my tokens, in Arabic", "layla", "/tokens/?state=all"),
    Screen("generate, in Arabic", "layla", "/tokens/new/", send(then=".err")),
    Screen("a person, before a change of settings, in Arabic", "amal", "/people/{ahead}/"),
    Screen("a token, in Arabic", "layla", "/tokens/{arabic}/"),
    Screen("a person, in Arabic", "amal", "/people/{ines}/"),
    Screen("people, in Arabic", "amal", "/people/"),
    Screen("audit log, in Arabic", "amal", "/audit/"),
    Screen("all tokens, in Arabic", "amal", "/inventory/"),
    Screen("settings, in Arabic", "amal", "/settings/"),
    Screen("settings, a change waits, in Arabic", "amal", "/accounts/{summer}/settings/"),
    Screen("emergency stop, in Arabic", "amal", "/emergency/"),
    Screen("emergency stop, a report in Arabic", "amal", "/emergency/{lifted}/"),
    Screen("help, in Arabic", "amal", "/help/"),
]
