"""Nobody who was switched off is switched on again with a token that would work at once, whoever writes."""

from django.db import migrations

RETURN = """
CREATE FUNCTION person_returns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM tokens_accesstoken WHERE user_id = NEW.id AND state IN ('pending', 'active')) THEN
        RAISE EXCEPTION 'person % returns with tokens that would come back to life; suspend or revoke them first', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_returns BEFORE UPDATE OF is_active ON accounts_user
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION person_returns();
"""
RETURN_BACK = """
DROP TRIGGER person_returns ON accounts_user;
DROP FUNCTION person_returns();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0016_reasons"), ("accounts", "0010_audit_chain")]
    operations = [migrations.RunSQL(RETURN, RETURN_BACK)]
