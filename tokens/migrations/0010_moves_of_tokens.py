"""The database looks at an update of a token only where there may be something to refuse, which is cheaper to see."""

from django.db import migrations

SOMETIMES = """
CREATE OR REPLACE TRIGGER token_moves BEFORE UPDATE ON tokens_accesstoken FOR EACH ROW
    WHEN (NEW.state <> OLD.state OR OLD.state = 'revoked' OR NEW.user_id <> OLD.user_id)
    EXECUTE FUNCTION token_moves();
"""
ALWAYS = """
CREATE OR REPLACE TRIGGER token_moves BEFORE UPDATE ON tokens_accesstoken FOR EACH ROW
    EXECUTE FUNCTION token_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0009_fewer_token_indexes")]
    operations = [migrations.RunSQL(SOMETIMES, ALWAYS)]
