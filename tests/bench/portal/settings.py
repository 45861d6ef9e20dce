"""The portal's settings as a school runs it, and addresses for comparison."""

from tokenportal.settings import *  # noqa: F403  # a benchmark must not forget one

ROOT_URLCONF = "tests.bench.portal.urls"
