"""Device authorization (RFC 8628): a program shows a code, its person answers in the browser, the program fetches.

The secret is made when it is fetched, by whoever holds the program's own code, and handed over in that one answer.
"""

from tokens.devices.answering import allow, deny, find, is_allowed_by
from tokens.devices.asking import CLIENTS, Begun, Wish, begin
from tokens.devices.fetching import Fetched, fetch

__all__ = ["CLIENTS", "Begun", "Fetched", "Wish", "allow", "begin", "deny", "fetch", "find", "is_allowed_by"]
