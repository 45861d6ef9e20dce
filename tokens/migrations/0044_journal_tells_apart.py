"""Lines about people and emergency stops say since when there are these: numbers are given again after a restore."""

from django.db import migrations

SINCE = """
CREATE OR REPLACE FUNCTION person_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tokens_journalline (at, what, lookup_id, facts)
    VALUES (now(), CASE WHEN TG_OP = 'UPDATE' AND NEW.is_active THEN 'enabled' ELSE 'disabled' END, '',
        jsonb_build_object(
            'person', OLD.id, 'since', OLD.created_at, 'login', OLD.login_id, 'sis', OLD.sis_user_id));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION pause_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tokens_journalline (at, what, lookup_id, facts) VALUES (now(), 'paused', '', jsonb_build_object(
            'pause', NEW.id, 'since', NEW.made_at, 'whom', NEW.whom, 'account', NEW.account_id, 'base', NEW.base,
            'course', NEW.course_id, 'rights', NEW.rights, 'reason', NEW.reason, 'reason_code', NEW.reason_code,
            'words', NEW.words));
    ELSE
        INSERT INTO tokens_journalline (at, what, lookup_id, facts)
        VALUES (now(), 'lifted', '', jsonb_build_object('pause', NEW.id, 'since', NEW.made_at));
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0043_superseded_by_other_clocks")]
    operations = [migrations.RunSQL(SINCE, migrations.RunSQL.noop)]
