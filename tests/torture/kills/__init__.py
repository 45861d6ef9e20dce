"""Is anything that was acknowledged ever lost? Clients write over HTTP while the servers are killed and come back.

`python -m tests.torture.kills --help`; `make torture-kills` is the long form. `test_away` looks at each server by
itself: away, hanging, emptied, full.
"""
