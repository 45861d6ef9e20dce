"""One's own tokens: the list, making one, and each of them."""

from tests.browser.gallery import Screen
from tests.browser.screens.steps import A_PURPOSE, GENERATE, click, fill, open_dialog, send, send_dialog, steps, tick

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
