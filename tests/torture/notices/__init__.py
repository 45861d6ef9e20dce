"""Each mail is sent and kept once, though workers are killed; `make torture-notices` is the long form."""
