"""Browsers and programs by their names, for templates."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.agents import called

register = template.Library()
register.filter("browser", called)


@register.filter
def breakable(agent: str) -> SafeString:
    """Let a line break behind the name of a program, before its version (`curl/8.7`)."""
    return format_html_join(SafeString("/<wbr>"), "{}", ((part,) for part in agent.split("/")))
