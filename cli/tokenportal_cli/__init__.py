"""TokenPortal on the command line. It knows the portal by its API alone."""

VERSION = "0.1.0"
