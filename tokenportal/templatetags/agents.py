"""Browsers by their names, for templates."""

from django import template

from accounts.agents import called

register = template.Library()
register.filter("browser", called)
