"""Every setting, read from the environment, an idea a module; `.env.example` documents each name."""

from tokenportal.settings.api import *
from tokenportal.settings.canvas import *
from tokenportal.settings.house import *
from tokenportal.settings.jobs import *
from tokenportal.settings.journal import *
from tokenportal.settings.mail import *
from tokenportal.settings.people import *
from tokenportal.settings.sign_in import *
from tokenportal.settings.tokens import *
from tokenportal.settings.watching import *
from tokenportal.settings.web import *
