"""The demo school: invented people with a term's worth of tokens, for trying the portal and for its tests."""

from tokenportal.demo.school import PASSWORD, SIGN_INS

__all__ = ["PASSWORD", "SIGN_INS"]
