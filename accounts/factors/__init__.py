"""The second step of signing in: an app that shows codes, codes on paper, passkeys; kept by django-allauth's model."""
