"""Before one is in, and what is around every page."""

from tests.browser.gallery import PHONE, Screen
from tests.browser.screens.steps import (
    a_day_later,
    click,
    fill,
    send,
    set_up_app,
    steps,
    to_passkey,
    to_second_step,
    try_passwords,
)

DOOR = [
    Screen("sign in", "", "/login/"),
    Screen("sign in, nothing filled in", "", "/login/", click("main form button", then=".err")),
    Screen(
        "sign in, refused",
        "",
        "/login/",
        steps(
            fill("[name=username]", "ines"),
            fill("[name=password]", "no"),
            click("main form button", then=".note.bad"),
        ),
    ),
    Screen("sign in, too many attempts", "", "/login/", try_passwords, status=429),
    Screen("second step", "", "/login/", to_second_step),
    Screen(
        "second step, a wrong code",
        "",
        "/login/",
        steps(to_second_step, fill("[name=code]", "no code"), click("main form button", then=".err")),
    ),
    Screen("second step, by a passkey", "", "/login/", to_passkey),
    Screen(
        "second step, a passkey that comes to nothing",
        "",
        "/login/",
        steps(to_passkey, click("[data-passkey-ask]", then="[data-said-if]:not([hidden])")),
    ),
    Screen("sign in, by what the school has for that", "", "/failing/200/"),
    Screen("sign in, without passwords", "", "/failing/202/"),
    Screen("turned away as a stranger", "", "/failing/403/", status=403),
    Screen("the school's sign-in is away", "", "/failing/424/", status=424),
    Screen("not yours to open", "ines", "/audit/", status=403),
    Screen("a request that makes no sense", "", "/failing/400/", status=400),
    Screen("nothing there", "", "/failing/404/", status=404),
    Screen("something went wrong", "", "/failing/500/", status=500),
    Screen("no database", "", "/failing/503/", status=503),
]

LANGUAGES = click(".prefs [popovertarget]")

FRAME = [
    Screen("help", "", "/help/"),
    Screen("help, signed in", "ines", "/help/"),
    Screen("preferences", "ines", "/preferences/"),
    Screen("where one is signed in", "ines", "/preferences/browsers/"),
    Screen("preferences, of an administrator", "admin", "/preferences/"),
    Screen("asked again", "lea", "/tokens/new/", a_day_later("lea")),
    Screen(
        "asked again, a wrong password",
        "lea",
        "/tokens/new/",
        steps(a_day_later("lea"), fill("[name=proof_password]", "no idea"), send(then=".err")),
    ),
    Screen("to sign in anew", "lea", "/login/again/?next=/tokens/new/"),
    Screen("security, nothing set up", "ines", "/security/"),
    Screen("a password to change", "ines", "/security/password/"),
    Screen("an app to set up", "ines", "/security/app/"),
    Screen(
        "an app to set up, a wrong code", "ines", "/security/app/", steps(fill("[name=code]", "0"), send(then=".err"))
    ),
    Screen("security, with an app", "vera", "/security/", set_up_app),
    Screen(
        "recovery codes to make anew",
        "vera",
        "/security/",
        steps(set_up_app, click("a[href='/security/codes/']", then="form footer")),
    ),
    Screen(
        "recovery codes",
        "vera",
        "/security/",
        steps(set_up_app, click("a[href='/security/codes/']", then="form footer"), send(then="#codes")),
    ),
    Screen("a passkey to add", "ines", "/security/passkeys/new/"),
    Screen("a passkey to add, without a name", "ines", "/security/passkeys/new/", send(then=".err")),
    Screen(
        "a passkey to add, which comes to nothing",
        "ines",
        "/security/passkeys/new/",
        steps(fill("[name=name]", "Laptop"), click("main form footer button", then="[data-said-if]:not([hidden])")),
    ),
    Screen("security, with passkeys", "kim", "/security/"),
    Screen("a passkey to rename", "kim", "/security/", click("a[href$='/rename/']", then="[name=name]")),
    Screen("a passkey to remove", "kim", "/security/", click("a[href$='/remove/']", then="form footer")),
    Screen("asked again, with a passkey", "kim", "/tokens/new/", a_day_later("kim")),
    Screen(
        "an app to remove",
        "vera",
        "/security/",
        steps(set_up_app, click("a[href$='/remove/']", then="form footer")),
    ),
    Screen("outbox", "admin", "/outbox/"),
    Screen("outbox, nothing matches", "admin", "/outbox/?q=nobody-of-this-name"),
    Screen("outbox, a mail", "admin", "/outbox/?q=Tilda", click("#found a.title", then=".letter")),
    Screen("languages to choose from", "ines", "/tokens/", LANGUAGES),
    Screen("languages to choose from, at the door", "", "/login/", LANGUAGES),
    Screen("a menu", "ines", "/tokens/", click("[popovertarget=me-menu]"), widths=(1280,)),
    Screen("the navigation", "admin", "/tokens/", click("[popovertarget=nav]"), widths=(PHONE,)),
    Screen(
        "a menu of the navigation",
        "admin",
        "/tokens/",
        steps(click("[popovertarget=nav]"), click("[popovertarget=me-menu]")),
        widths=(PHONE,),
    ),
]
