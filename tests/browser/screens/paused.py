"""An emergency stop.

While something is paused, every page says so: these screens come last, and the last of them lifts it.
"""

from tests.browser.gallery import Screen
from tests.browser.screens.steps import open_dialog, pause, send_dialog_away, steps, to_revoke, wait_for

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
