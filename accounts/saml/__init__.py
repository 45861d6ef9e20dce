"""The school's own sign-in by SAML 2.0, which the extra `saml` brings: python3-saml's checks, allauth's way in."""
