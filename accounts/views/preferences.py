"""The page on which people say how the portal speaks to them, and of what."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from accounts.mails import CHOICES, Mail, Often
from accounts.models import User
from accounts.pages import SignedIn, sent, to_fill_in, visitor
from accounts.preferences import prefer
from accounts.roles import Permission
from accounts.views.language import keep_language
from accounts.views.theme import keep_theme, theme_of
from accounts.zones import zones_by_region


class PreferencesForm(forms.Form):
    """Language, zone and theme: a choice each, so that nothing has to be typed."""

    locale = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("Of the pages, and of the mails that the portal sends you."),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the languages in the list.")},
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Times are shown in it, and a token that ends on some day ends when that day ends there."
        ),
        error_messages={
            "required": gettext_lazy("Choose your time zone."),
            "invalid_choice": gettext_lazy("Choose one of the time zones in the list."),
        },
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("Theme"),
        required=False,
        help_text=gettext_lazy("In this browser only."),
        error_messages={"invalid_choice": gettext_lazy("Choose light, dark, or the same as your device.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what there is, in the active language; languages by their own names, for whoever is lost."""
        super().__init__(*args, **kwargs)
        ours = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        themes = [("", _("Same as my device")), ("light", _("Light")), ("dark", _("Dark"))]
        offered = {"locale": [("", _("As my browser asks")), *ours], "time_zone": zones_by_region(), "theme": themes}
        for name, choices in offered.items():
            field = self.fields[name]
            field.choices = choices  # type: ignore[attr-defined]
            field.widget.attrs["class"] = "select"


class MailsForm(forms.Form):
    """Which kinds of mails somebody wants: a tick each."""

    mails = forms.MultipleChoiceField(
        required=False,
        choices=[(kind.value, kind.value) for kind in CHOICES],
        error_messages={"invalid_choice": gettext_lazy("Choose among the mails in the list.")},
    )

    digest = forms.ChoiceField(
        label=gettext_lazy("Overview for administrators"),
        required=False,
        choices=[(often.value, often.label) for often in Often],
        help_text=gettext_lazy(
            "Tokens that end or are unused, requests, unusual use, and what went wrong, where you administrate. "
            "It does not come if there is nothing to tell."
        ),
        error_messages={"invalid_choice": gettext_lazy("Choose how often the overview comes.")},
        widget=forms.Select(attrs={"class": "select"}),
    )

    @property
    def unwanted(self) -> list[str]:
        """Those that were left without a tick."""
        return [kind for kind in CHOICES if kind not in self.cleaned_data["mails"]]


@to_fill_in
def preferences(request: SignedIn) -> HttpResponse:
    """Show what the visitor has chosen, and keep what they choose of language, zone and theme."""
    form = PreferencesForm(sent(request), initial=_chosen(request.user, theme_of(request)))
    if form.is_valid():
        chosen = form.cleaned_data
        prefer(request.user, locale=chosen["locale"], time_zone=chosen["time_zone"], now=timezone.now())
        response = redirect("preferences")
        keep_theme(response, chosen["theme"])
        keep_language(response, chosen["locale"])
        with translation.override(chosen["locale"] or translation.get_language()):
            messages.success(request, _("Saved."))
        return response
    return _page(request, form, _mails_of(request.user))


@to_fill_in
def mails(request: SignedIn) -> HttpResponse:
    """Keep which mails the visitor wants. Its address, once it was sent to, leads to the page of all preferences."""
    if request.method != "POST":
        return redirect("preferences")
    form = MailsForm(request.POST)
    if form.is_valid():
        digest = form.cleaned_data["digest"] or None  # who administrates nothing is not asked
        prefer(request.user, unwanted_mails=form.unwanted, digest=digest, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("preferences")
    return _page(request, PreferencesForm(initial=_chosen(request.user, theme_of(request))), form)


def _page(request: SignedIn, form: PreferencesForm, mails: MailsForm) -> HttpResponse:
    context = {"form": form, "mails": mails, "kinds": [Mail.SECURITY, *CHOICES], "choices": CHOICES}
    context["gets_digest"] = Permission.TOKENS_VIEW in visitor(request, now=timezone.now()).standing.permissions
    return render(request, "accounts/preferences.html", context)


def _mails_of(user: User) -> MailsForm:
    wanted = [kind for kind in CHOICES if kind not in user.unwanted_mails]
    return MailsForm(initial={"mails": wanted, "digest": user.digest})


def _chosen(user: User, theme: str) -> dict[str, str]:
    return {"locale": user.locale, "time_zone": user.time_zone, "theme": theme}
