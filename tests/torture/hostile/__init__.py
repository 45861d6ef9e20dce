"""Whatever is sent: no failure, nothing let in that should not be, nothing lost, nothing shown that is not meant to be.

`python -m tests.torture.hostile --help`; `make torture-input` is the long form.
"""
