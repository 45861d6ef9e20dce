"""Who may what, everywhere: every address and method, for everybody, in one table that is the test."""
