"""What comes from the school's sign-in, or was configured for it, cannot be used."""


class Unusable(Exception):
    """Why, for whoever reads the log or has asked on the command line."""
