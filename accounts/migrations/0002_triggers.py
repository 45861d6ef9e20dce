"""The database keeps account paths true and the audit trail append-only, whoever writes."""

from django.db import migrations

PATHS = """
CREATE FUNCTION account_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above bigint[];
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.path := ARRAY[NEW.id];
    ELSE
        SELECT path INTO above FROM accounts_account WHERE id = NEW.parent_id;
        IF NEW.id = ANY (above) THEN
            RAISE EXCEPTION 'account % cannot lie below itself', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        NEW.path := above || NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_path BEFORE INSERT OR UPDATE OF parent_id, path ON accounts_account
    FOR EACH ROW EXECUTE FUNCTION account_path();

CREATE FUNCTION account_path_below() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_account SET parent_id = parent_id WHERE parent_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_path_below AFTER UPDATE OF parent_id ON accounts_account
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION account_path_below();
"""
PATHS_BACK = """
DROP TRIGGER account_path_below ON accounts_account;
DROP TRIGGER account_path ON accounts_account;
DROP FUNCTION account_path_below();
DROP FUNCTION account_path();
"""

AUDIT = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
AUDIT_BACK = """
DROP TRIGGER audit_no_truncate ON accounts_auditevent;
DROP TRIGGER audit_no_change ON accounts_auditevent;
DROP FUNCTION audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(PATHS, PATHS_BACK), migrations.RunSQL(AUDIT, AUDIT_BACK)]
