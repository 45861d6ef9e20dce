"""`python -m tokenportal_cli`."""

from tokenportal_cli.main import main

main()
