"""`python -m tokenportal.embedded NAME DIRECTORY durable|fast` is the keeper of one server; see keeper.py."""

from tokenportal.embedded.keeper import main

main()
