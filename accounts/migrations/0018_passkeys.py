"""The database holds of passkeys that each credential is there once, and that each has a name of 1 to 64 characters.

The table is django-allauth's, so these are in no model's state.
"""

from django.db import migrations

HELD = """
CREATE UNIQUE INDEX passkey_credential ON mfa_authenticator ((data ->> 'credential_id')) WHERE type = 'webauthn';
ALTER TABLE mfa_authenticator ADD CONSTRAINT passkey_is_named CHECK (
    type <> 'webauthn' OR char_length(COALESCE(data ->> 'name', '')) BETWEEN 1 AND 64
);
"""
BACK = """
ALTER TABLE mfa_authenticator DROP CONSTRAINT passkey_is_named;
DROP INDEX passkey_credential;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_mentioned"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunSQL(HELD, BACK)]
