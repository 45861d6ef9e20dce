"""Every page of the portal in every state that it has. A new page or state gets its line here."""

from tests.browser.screens.arabic import ARABIC
from tests.browser.screens.doors import DOOR, FRAME
from tests.browser.screens.own import MAKING, MINE, ONE
from tests.browser.screens.paused import PAUSED
from tests.browser.screens.people import ALL, PEOPLE, REQUESTS
from tests.browser.screens.rules import RULES

SCREENS = [*DOOR, *FRAME, *MINE, *MAKING, *ONE, *PEOPLE, *REQUESTS, *ALL, *RULES, *ARABIC, *PAUSED]
