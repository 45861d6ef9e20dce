"""Other systems are told what happens to tokens: by signed messages, which are made of the trail."""

from tokens.webhooks.delivering import deliver
from tokens.webhooks.gathering import KEPT_FOR, forget, gather
from tokens.webhooks.keeping import (
    Added,
    Wish,
    add,
    change,
    failed_of,
    relock_all,
    remove,
    send_again,
    send_test,
    switch_off,
    switch_on,
)

__all__ = [
    "KEPT_FOR",
    "Added",
    "Wish",
    "add",
    "change",
    "deliver",
    "failed_of",
    "forget",
    "gather",
    "relock_all",
    "remove",
    "send_again",
    "send_test",
    "switch_off",
    "switch_on",
]
