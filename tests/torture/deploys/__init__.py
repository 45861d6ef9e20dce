"""Servers are started anew behind nginx, and nobody notices; `make torture-deploys` is the long form."""
