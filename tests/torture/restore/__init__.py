"""An old backup is restored under load, and brings nothing back to life; `make torture-restore` is the long form."""
