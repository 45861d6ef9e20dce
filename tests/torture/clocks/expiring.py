"""`python -m tests.torture.clocks.expiring`: the job that notes ends, once, by the clock of this process."""

import json

import django

django.setup()

from tokens import tasks  # noqa: E402  # its models can be imported only now

if __name__ == "__main__":
    print(json.dumps(tasks.expire_tokens()))
