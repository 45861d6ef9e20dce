"""How often somebody may call: counted in this process, by a clock that nobody puts back.

By the clock on the wall, calls of before it was put back would count until it is there again.
"""

from time import monotonic

from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle


class Rate(SimpleRateThrottle):
    """REST framework's counting."""

    timer = monotonic


class UserRate(UserRateThrottle):
    """The same by person, for every call of the API."""

    timer = monotonic
