"""Signing in by the school's own sign-in, with a real OpenID Connect provider beside the portal."""
