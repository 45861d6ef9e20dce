"""Every page of the portal in every state that it has. A new page or state gets its line here."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.acts import PASSWORD
from tests.browser.gallery import PHONE, Screen
from tests.mfa.phone import now_shows

Step = Callable[[Page], object]

A_PURPOSE = "Looked at"


def steps(*each: Step) -> Step:
    """One step after the other."""

    def act(page: Page) -> None:
        for step in each:
            step(page)

    return act


def click(selector: str, then: str = "") -> Step:
    """Click, and wait for what comes of it."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        if then:
            page.wait_for_selector(then)

    return act


def fill(selector: str, text: str) -> Step:
    return lambda page: page.fill(selector, text)


def tick(selector: str) -> Step:
    return lambda page: page.locator(selector).first.check(force=True)


def wait_for(selector: str) -> Step:
    return lambda page: page.wait_for_selector(selector)


def open_dialog(selector: str) -> Step:
    return click(selector, then="dialog[open] [data-sheet]")


def send(then: str) -> Step:
    """Send the form of the page."""
    return click("main form footer button:last-child, main .savebar button", then=then)


def send_dialog(then: str) -> Step:
    return click("dialog form footer button:last-child", then=f"dialog {then}")


def send_dialog_away(then: str) -> Step:
    """Send the form of the dialog, which leads to another page."""
    return click("dialog form footer button:last-child", then=then)


def pause(page: Page) -> None:
    """Pause what the page is about."""
    page.fill("[name=reason]", A_PURPOSE)
    page.fill("[name=words]", A_PURPOSE)
    send(then="#report")(page)
    page.wait_for_selector("#report tbody")


def to_revoke(page: Page) -> None:
    """From the list of what is paused to the report, and on to revoking it."""
    click("tbody a.title", then="#report")(page)
    click(".pagehead .btn.danger", then="[name=number]")(page)


def try_passwords(page: Page) -> None:
    """One name, one address, and wrong passwords until no more are taken."""
    while page.locator("[name=password]").count():
        page.fill("[name=username]", "forgetful")
        page.fill("[name=password]", "no idea")
        with page.expect_navigation():
            page.keyboard.press("Enter")


def to_second_step(page: Page) -> None:
    """Give the right password of somebody who has an app."""
    page.fill("[name=username]", "otto")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=code]")


def to_passkey(page: Page) -> None:
    """Give the right password of somebody who has passkeys and no app."""
    page.fill("[name=username]", "kim")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-passkey]")


def a_day_later(login_id: str) -> Step:
    """Go on in the session that somebody began a day ago, as the scenery has it."""

    def act(page: Page) -> None:
        [cookie] = [each for each in page.context.cookies() if each["name"].endswith("sessionid")]
        name, value = cookie["name"], f"a-session-of-{login_id}-begun-a-day-ago"
        page.context.add_cookies(
            [{"name": name, "value": value, "domain": cookie["domain"], "path": "/", "httpOnly": True}]
        )
        page.reload()
        page.wait_for_selector("[name=proof_wanted]", state="attached")

    return act


def set_up_app(page: Page) -> None:
    """Set an app up, unless there is one."""
    if page.locator("a[href='/security/app/']").count():
        page.goto("/security/app/")
        page.fill("[name=code]", now_shows(page.inner_text("#secret")))
        send(then="#codes")(page)
        page.goto("/security/")


look_it_up = click("#lookup button", then="#answer")


def look_up_this(page: Page) -> None:
    """Take a lookup id on the page, and look whose it is."""
    found = page.locator("aside .hint, tbody .hint").last.inner_text()
    page.goto("/lookup/")
    page.fill("[name=text]", f"{found} tpvs_{found}_…")
    look_it_up(page)


GENERATE = ".pagehead a[href='/tokens/new/']"

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

MINE = [
    Screen("my tokens", "ines", "/tokens/"),
    Screen("my tokens, all", "ines", "/tokens/?state=all"),
    Screen("my tokens, expiring", "ines", "/tokens/?state=expiring"),
    Screen("my tokens, ended", "ines", "/tokens/?state=ended"),
    Screen("my tokens, none match", "ines", "/tokens/?q=nothing+of+this+name"),
    Screen("my tokens, before a change of settings", "ahead", "/tokens/"),
    Screen("no tokens yet", "blank", "/tokens/"),
    Screen("creation is off, with tokens", "barred", "/tokens/"),
    Screen("creation is off, without tokens", "barred-blank", "/tokens/"),
    Screen("revoke all of mine", "ines", "/tokens/revoke-all/"),
    Screen("revoke all of mine, in a dialog", "ines", "/tokens/", open_dialog("footer [href='/tokens/revoke-all/']")),
    Screen("revoke all, without tokens", "blank", "/tokens/revoke-all/"),
]

MAKING = [
    Screen("generate", "ines", "/tokens/new/"),
    Screen("generate, with an error", "ines", "/tokens/new/", send(then=".err")),
    Screen(
        "generate, beyond the limit",
        "ines",
        "/tokens/new/",
        steps(
            fill("[name=purpose]", A_PURPOSE),
            tick("[name=days][value=custom]"),
            fill("[name=until]", "2999-01-01"),
            send(then=".err"),
        ),
    ),
    Screen("generate, with scopes unfolded", "ines", "/tokens/new/", click(".fold summary")),
    Screen("generate, while creation is off", "barred", "/tokens/new/"),
    Screen("generate without an end", "teacher", "/tokens/new/"),
    Screen("generate, before a change of settings", "ahead", "/tokens/new/"),
    Screen("generate, in a dialog", "ines", "/tokens/", open_dialog(GENERATE)),
    Screen(
        "generate, in a dialog, with an error", "ines", "/tokens/", steps(open_dialog(GENERATE), send_dialog(".err"))
    ),
    Screen(
        "the secret",
        "many-roles",
        "/tokens/new/",
        steps(fill("[name=purpose]", A_PURPOSE), send(then="#secret")),
    ),
    Screen(
        "the secret, in a dialog",
        "many-roles",
        "/tokens/",
        steps(open_dialog(GENERATE), fill("dialog [name=purpose]", A_PURPOSE), send_dialog("#secret")),
    ),
]

ONE = [
    Screen("a token", "ines", "/tokens/{used}/"),
    Screen("a token, its table", "ines", "/tokens/{used}/?days=7", click("details:has(table) summary")),
    Screen("a token, 90 days", "ines", "/tokens/{used}/?days=90"),
    *(
        Screen(f"a token, {state}", "ines", f"/tokens/{{{state}}}/")
        for state in (
            "soon",
            "unused",
            "suspended",
            "pending",
            "expired",
            "revoked",
            "tried",
            "unbroken",
            "limited",
            "rotated",
        )
    ),
    Screen("a token, before a change of settings", "ahead", "/tokens/{shortened}/"),
    Screen("a token, while creation is off", "barred", "/tokens/{before}/"),
    Screen("edit", "ines", "/tokens/{used}/edit/"),
    Screen("edit, with an error", "ines", "/tokens/{used}/edit/", steps(fill("[name=purpose]", ""), send(then=".err"))),
    Screen("a program's code", "blank", "/device/"),
    Screen("a program's code, a wrong one", "blank", "/device/?user_code=BBBB-BBBB"),
    Screen("a program's token", "ines", "/device/?user_code={code}"),
    Screen("regenerate", "ines", "/tokens/{used}/regenerate/"),
    Screen("regenerate, in a dialog", "ines", "/tokens/{used}/", open_dialog("[href$='/regenerate/']")),
    Screen("revoke", "ines", "/tokens/{used}/revoke/"),
    Screen("revoke, in a dialog", "ines", "/tokens/{used}/", open_dialog(".pagehead [href$='/revoke/']")),
]

PEOPLE = [
    Screen("people", "admin", "/people/"),
    Screen("people, searched", "admin", "/people/?q=carvalho&role=student"),
    Screen("people, nobody found", "admin", "/people/?q=nobody+of+this+name"),
    Screen("a person", "admin", "/people/{ines}/"),
    Screen(
        "a person with tokens ticked",
        "admin",
        "/people/{ines}/",
        steps(tick("[name=id]"), tick(":nth-match([name=id], 2)")),
    ),
    Screen("a person with many roles", "admin", "/people/{many-roles}/"),
    Screen("a person without tokens", "admin", "/people/{blank}/"),
    Screen("a person, before a change of settings", "admin", "/people/{ahead}/"),
    Screen("a person who is switched off", "admin", "/people/{gone}/"),
    Screen("myself, among people", "admin", "/people/", steps(fill("#q", "ashworth"), click("#found .title"))),
    Screen("generate for somebody", "admin", "/people/{ines}/new/"),
    Screen("revoke the tokens ticked", "admin", "/people/{ines}/revoke/?id={used}&id={soon}"),
    Screen("revoke all of somebody", "admin", "/people/{ines}/revoke-all/"),
    Screen("revoke all of somebody, in a dialog", "admin", "/people/{ines}/", open_dialog("[href$='/revoke-all/']")),
    Screen("a token of somebody", "admin", "/tokens/{used}/"),
    Screen("a suspended token of somebody", "admin", "/tokens/{suspended}/"),
    Screen("revoke a token of somebody", "admin", "/tokens/{used}/revoke/"),
    Screen("suspend", "admin", "/tokens/{used}/suspend/"),
    Screen("resume", "admin", "/tokens/{suspended}/resume/"),
    Screen("audit log", "admin", "/audit/"),
    Screen("audit log of settings", "admin", "/audit/?kind=policy"),
    Screen("audit log, nothing found", "admin", "/audit/?q=nothing+of+this+name"),
]

REQUESTS = [
    Screen("my requests", "asker", "/tokens/"),
    Screen("ask for a token", "asker-blank", "/tokens/new/"),
    Screen("ask for a token, with an error", "asker-blank", "/tokens/new/", send(then=".err")),
    Screen("no tokens yet, where they are approved", "asker-blank", "/tokens/"),
    Screen("ask for longer", "ines", "/tokens/ask/"),
    Screen("requests", "admin", "/requests/"),
    Screen("requests, some ticked", "admin", "/requests/", tick("[name=id]")),
    Screen("requests, answered", "admin", "/requests/?state=answered"),
    Screen("requests, none", "subadmin", "/requests/"),
    Screen("a request", "admin", "/requests/{request-0}/"),
    Screen("a request beyond the limit", "admin", "/requests/{request-1}/"),
    Screen("a request, in a dialog", "admin", "/requests/", open_dialog("td .btn.secondary")),
    Screen("approve the requests ticked", "admin", "/requests/approve/?id={request-0}&id={request-2}"),
    Screen("refuse requests", "admin", "/requests/refuse/?id={request-0}&id={request-2}"),
    Screen("refuse requests, with an error", "admin", "/requests/refuse/?id={request-0}", send(then=".err")),
]

ALL = [
    Screen("all tokens", "admin", "/inventory/"),
    Screen("all tokens of students", "admin", "/inventory/?role=students_only"),
    Screen(
        "all tokens, some ticked",
        "admin",
        "/inventory/",
        steps(tick("[name=id]"), tick(":nth-match([name=id], 2)")),
    ),
    Screen("all tokens, none match", "admin", "/inventory/?q=nothing+of+this+name"),
    Screen("all tokens, more filters", "admin", "/inventory/?created_from=2026-01-01&scoped=no"),
    Screen("all tokens, a day that is none", "admin", "/inventory/?ends_to=tomorrow"),
    Screen("all tokens below a sub-account", "subadmin", "/inventory/"),
    Screen("all tokens of an account without any", "admin", "/inventory/?account={evening}"),
    Screen("revoke the tokens ticked among all", "admin", "/inventory/revoke/?id={used}&id={soon}"),
    Screen("shorten the tokens ticked among all", "admin", "/inventory/shorten/?id={used}&id={soon}"),
    Screen("acts on many tokens", "admin", "/bulk/"),
    Screen("revoke all that match", "admin", "/inventory/revoke/?all=yes&role=students_only"),
    Screen("write to the owners", "admin", "/inventory/mail/?all=yes&role=students_only"),
    Screen("whose token", "admin", "/lookup/"),
    Screen("whose token, found", "admin", "/tokens/{used}/", look_up_this),
    Screen("whose token, suspended", "admin", "/tokens/{suspended}/", look_up_this),
    Screen("whose token, a service", "admin", "/verifiers/", look_up_this),
    Screen("whose token, nothing found", "admin", "/lookup/", steps(fill("[name=text]", "nothing"), look_it_up)),
    Screen("calendar of token ends", "guide", "/tokens/calendar/"),
    Screen("calendar of token ends, its address", "guide", "/tokens/calendar/", click("main .btn", then="#secret")),
    Screen("calendar of token ends, switched on", "picker", "/tokens/calendar/"),
    Screen("class tokens", "guide", "/classes/"),
    Screen("class tokens, none", "ta", "/classes/"),
    Screen("a class", "guide", "/classes/{class}/"),
    Screen("make tokens for a class", "guide", "/classes/new/{course}/"),
    Screen("make tokens for a class, with an error", "guide", "/classes/new/{course}/", send(then=".err")),
    Screen("revoke a class", "guide", "/classes/{class}/revoke/"),
    Screen("my tokens, one to pick up", "waiter", "/tokens/"),
    Screen("a token to pick up", "waiter", "/tokens/{to-pick-up}/"),
    Screen("webhooks", "admin", "/webhooks/"),
    Screen("webhooks, none", "subadmin", "/webhooks/"),
    Screen("a webhook", "admin", "/webhooks/{webhook}/"),
    Screen("a webhook, switched off", "admin", "/webhooks/{webhook-off}/"),
    Screen("a webhook to delete", "admin", "/webhooks/{webhook}/delete/"),
    Screen("change a webhook", "admin", "/webhooks/{webhook}/edit/"),
    Screen("add a webhook", "admin", "/webhooks/new/"),
    Screen("add a webhook, with an error", "admin", "/webhooks/new/", send(then=".err")),
    Screen("access reviews", "admin", "/reviews/"),
    Screen("access reviews, none", "subadmin", "/reviews/"),
    Screen("a review", "admin", "/reviews/{review}/"),
    Screen("open a review", "admin", "/reviews/new/{evening}/"),
    Screen(
        "open a review, with an error", "admin", "/reviews/new/{evening}/", click("main button.primary", then=".err")
    ),
    Screen("close a review", "admin", "/reviews/{review}/close/"),
    Screen("cancel a review", "admin", "/reviews/{review}/cancel/"),
    Screen("under review", "asked", "/tokens/review/"),
    Screen("my tokens, under review", "asked", "/tokens/"),
    Screen("nothing under review", "blank", "/tokens/review/"),
    Screen("all tokens, limited by", "admin", "/inventory/?limited_by=student_cap&use=never"),
    Screen("save a view", "admin", "/inventory/views/new/?use=never"),
    Screen("save a view, with an error", "admin", "/inventory/views/new/", click("main button.primary", then=".err")),
    Screen("saved views", "admin", "/inventory/views/"),
    Screen("saved views, none", "subadmin", "/inventory/views/"),
    Screen("import, not set up", "admin", "/imports/"),
    Screen("rosters", "admin", "/rosters/", click("main summary")),
    Screen("rules for unusual use", "admin", "/flags/rules/"),
    Screen("rules for unusual use, below", "subadmin", "/flags/rules/"),
    Screen("leaks", "admin", "/leaks/"),
    Screen("leaks, none", "subadmin", "/leaks/"),
    Screen("a leaked token", "admin", "/tokens/{leaked}/"),
    Screen("report a token", "", "/leaks/report/"),
    Screen("report a token, sent", "", "/leaks/report/", click("main form button", then=".note.ok")),
    Screen("all tokens, a token pasted", "admin", "/inventory/?q=tpat_AbCdEfGh12345678_x"),
    Screen("unusual use", "admin", "/flags/"),
    Screen("unusual use, decided", "admin", "/flags/?state=decided"),
    Screen("unusual use, none", "admin", "/flags/?account={evening}"),
    Screen("unusual use of a token", "admin", "/tokens/{used}/"),
    Screen("unusual use of a token of mine", "ines", "/tokens/{used}/"),
    Screen("unusual use of somebody", "admin", "/people/{ines}/"),
    Screen("confirm misuse", "admin", "/flags/{flag}/confirm/"),
    Screen("dismiss unusual use", "admin", "/flags/{flag}/dismiss/"),
    Screen("dismiss unusual use, with an error", "admin", "/flags/{flag}/dismiss/", send(then=".err")),
    Screen("say what it was", "ines", "/tokens/flags/{flag}/explain/"),
    Screen("unusual use, in Arabic", "amal", "/flags/"),
    Screen("the accounts to choose from", "admin", "/inventory/", click("[popovertarget=accounts]"), widths=(1280,)),
]

RULES = [
    Screen("settings", "admin", "/settings/"),
    Screen(
        "settings, with an error",
        "admin",
        "/settings/",
        steps(fill("[name=student_cap_days]", "121"), send(then=".err")),
    ),
    Screen(
        "settings, about to be changed",
        "admin",
        "/settings/",
        steps(tick("[name=audience][value=no_students]"), wait_for("body:not(:has(.htmx-request)) #savebar .dot.warn")),
    ),
    Screen(
        "settings that would touch tokens",
        "admin",
        "/accounts/{winter}/settings/",
        steps(
            tick("[name=audience][value=no_students]"),
            fill("[name=student_cap_days]", "30"),
            wait_for("body:not(:has(.htmx-request)) #effect .hits"),
            click("#effect summary"),
            tick("#id_existing_end_on"),
            wait_for("body:not(:has(.htmx-request)) #effect li:has-text('run out')"),
        ),
    ),
    Screen(
        "settings that would touch tokens at once",
        "admin",
        "/accounts/{winter}/settings/",
        steps(
            fill("[name=student_cap_days]", "30"),
            wait_for("#effect #id_grace_days"),
            fill("#id_grace_days", "0"),
            wait_for("body:not(:has(.htmx-request)) #id_typed"),
            send(then="#typed_error"),
        ),
    ),
    Screen(
        "settings that nobody has looked at",
        "admin",
        "/accounts/{winter}/settings/",
        steps(fill("[name=student_cap_days]", "30"), send(then="[role=alert]")),
    ),
    Screen("settings, a change waits", "admin", "/accounts/{summer}/settings/"),
    Screen("settings, a change above waits", "admin", "/accounts/{summer-lab}/settings/"),
    Screen("undo a change of settings", "admin", "/accounts/{summer}/settings/changes/{waiting}/undo/"),
    Screen(
        "undo a change of settings, in a dialog",
        "admin",
        "/accounts/{summer}/settings/",
        open_dialog("#underway a"),
    ),
    Screen("settings of a sub-account", "admin", "/accounts/{evening}/settings/"),
    Screen("settings, for the administrator of a sub-account", "subadmin", "/settings/"),
    Screen("exemptions", "admin", "/exemptions/"),
    Screen("exemptions that are over", "admin", "/exemptions/?state=ended"),
    Screen("exemptions, none", "admin", "/exemptions/?account={evening}"),
    Screen("exempt a role", "admin", "/exemptions/new/"),
    Screen("exempt a role, with an error", "admin", "/exemptions/new/", send(then=".err")),
    Screen("exempt a person", "admin", "/people/{ines}/exempt/"),
    Screen("exempt a person, with an error", "admin", "/people/{ines}/exempt/", send(then=".err")),
    Screen("a person who is exempted", "admin", "/people/{thesis}/"),
    Screen("my tokens, exempted", "thesis", "/tokens/"),
    Screen("generate, exempted", "thesis", "/tokens/new/"),
    Screen("end an exemption", "admin", "/exemptions/{exemption}/end/"),
    Screen("emergency stop", "admin", "/emergency/"),
    Screen("emergency stop, of no course", "admin", "/emergency/stop/?whom=course&course=", wait_for(".err")),
    Screen("emergency stop, about to hold", "admin", "/emergency/stop/?whom=role&base=student&account={evening}"),
    Screen(
        "emergency stop, with an error",
        "admin",
        "/emergency/stop/?whom=role&base=student&account={evening}",
        send(then=".err"),
    ),
    Screen(
        "emergency stop, the e-mail looked at",
        "admin",
        "/emergency/stop/?whom=account&account={harbour}",
        steps(fill("[name=words]", A_PURPOSE), click("[name=look]", then=".letter")),
    ),
    Screen("emergency stop, the report of one that is over", "admin", "/emergency/{lifted}/"),
    Screen("emergency stop, none of these was tried", "admin", "/emergency/{lifted}/?part=tried"),
    Screen("emergency stop, to be revoked", "admin", "/emergency/revoke/?whom=account&account={harbour}"),
    Screen(
        "emergency stop, a wrong number",
        "admin",
        "/emergency/revoke/?whom=account&account={harbour}",
        send(then=".err"),
    ),
    Screen("emergency stop, nothing to revoke", "admin", "/emergency/revoke/?whom=course&course=WRIT+100"),
    Screen("services", "admin", "/verifiers/"),
    Screen("register a service", "admin", "/verifiers/new/"),
    Screen("register a service, in a dialog", "admin", "/verifiers/", open_dialog("[href='/verifiers/new/']")),
    Screen("register a service, with an error", "admin", "/verifiers/new/", send(then=".err")),
    Screen(
        "the secret of a service",
        "admin",
        "/verifiers/new/",
        steps(fill("[name=name]", A_PURPOSE), send(then="#secret")),
    ),
    Screen("revoke a service", "admin", "/verifiers/{verifier}/revoke/"),
    Screen("keys", "admin", "/keys/"),
    Screen("roles", "admin", "/roles/"),
    Screen("make a role", "admin", "/roles/new/"),
    Screen("make a role, with an error", "admin", "/roles/new/", send(then=".err")),
    Screen("edit a role", "admin", "/roles/{role}/edit/"),
    Screen("retire a role", "admin", "/roles/{role}/retire/"),
    Screen("give a role", "admin", "/people/{ines}/roles/new/"),
    Screen("give a role, with an error", "admin", "/people/{ines}/roles/new/", send(then=".err")),
    Screen("end a role", "admin", "/people/{ines}/roles/{student-role}/end/"),
    Screen("sign somebody out", "admin", "/people/{ines}/sessions/"),
    Screen("reset a second step", "admin", "/people/{otto}/second-step/"),
    Screen("deactivate a person", "admin", "/people/{ines}/deactivate/"),
    Screen(
        "deactivate a person, with an error",
        "admin",
        "/people/{ines}/deactivate/",
        steps(click("details summary"), tick("[name=hand_over]"), send(then=".err")),
    ),
    Screen("an inactive person", "admin", "/people/{gone}/"),
    Screen("reactivate a person", "admin", "/people/{gone}/reactivate/"),
    Screen("scopes", "admin", "/scopes/"),
    Screen("define a scope", "admin", "/scopes/new/"),
    Screen("define a scope, with an error", "admin", "/scopes/new/", send(then=".err")),
    Screen("retire a scope", "admin", "/scopes/{scope}/retire/"),
    Screen("API reference", "ines", "/api/docs/", lambda page: page.wait_for_selector(".opblock")),
]

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

# While something is paused, every page says so: they come last, and the last of them lifts it.
PAUSED = [
    Screen("emergency stop, just made", "admin", "/emergency/stop/?whom=account&account={harbour}", pause),
    Screen("emergency stop, in force", "admin", "/emergency/", wait_for("[data-modal]")),
    Screen("emergency stop, in force, in Arabic", "amal", "/emergency/", wait_for("[data-modal]")),
    Screen("emergency stop, to be lifted", "admin", "/emergency/", open_dialog("[data-modal]")),
    Screen("emergency stop, to be revoked as it is paused", "admin", "/emergency/", to_revoke),
    Screen("my tokens, paused", "sea-0", "/tokens/", wait_for(".note.bad")),
    Screen(
        "emergency stop, lifted",
        "admin",
        "/emergency/",
        steps(open_dialog("[data-modal]"), send_dialog_away("main .note.ok")),
    ),
]

SCREENS = [*DOOR, *FRAME, *MINE, *MAKING, *ONE, *PEOPLE, *REQUESTS, *ALL, *RULES, *ARABIC, *PAUSED]
