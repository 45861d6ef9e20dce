"""What each enrollment grants stands with it, kept by the database, so that a check of a token joins nothing.

A grant is read from the role, the account and the course. These rows are locked (FOR SHARE) until the writer's
transaction ends: whoever changes one of them meanwhile waits, then finds the new enrollment, and writes it anew. The
column may be NULL, so that code from before it goes on writing enrollments.
"""

from django.db import migrations, models

GRANTS = """
CREATE FUNCTION enrollment_as_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_role record;
    of_account record;
    of_course record;
BEGIN
    NEW.as_grant := NULL;
    IF NEW.state <> 'active' THEN
        RETURN NEW;
    END IF;
    SELECT id, base, label, permissions INTO of_role FROM accounts_role WHERE id = NEW.role_id FOR SHARE;
    SELECT id, path, state INTO of_account FROM accounts_account WHERE id = NEW.account_id FOR SHARE;
    SELECT id, state, starts_at, ends_at INTO of_course FROM accounts_course WHERE id = NEW.course_id FOR SHARE;
    IF of_role.id IS NULL OR of_account.id IS NULL OR of_course.id IS DISTINCT FROM NEW.course_id THEN
        RAISE EXCEPTION 'an enrollment comes after its role, account and course' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF of_account.state = 'active' AND COALESCE(of_course.state = 'active', TRUE) THEN
        NEW.as_grant := json_build_array(
            of_role.base, of_role.label, of_role.permissions, of_account.path, NEW.course_id,
            COALESCE(NEW.starts_at, of_course.starts_at) AT TIME ZONE 'UTC',
            COALESCE(NEW.ends_at, of_course.ends_at) AT TIME ZONE 'UTC'
        );
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enrollment_as_grant
    BEFORE INSERT OR UPDATE OF role_id, account_id, course_id, state, starts_at, ends_at, as_grant
    ON accounts_enrollment FOR EACH ROW EXECUTE FUNCTION enrollment_as_grant();

CREATE FUNCTION enrollment_as_grant_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('UPDATE accounts_enrollment SET as_grant = NULL WHERE %I = $1 AND state = ''active''', TG_ARGV[0])
        USING NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER enrollment_as_grant_anew AFTER UPDATE ON accounts_role FOR EACH ROW
    WHEN ((OLD.base, OLD.label, OLD.permissions) IS DISTINCT FROM (NEW.base, NEW.label, NEW.permissions))
    EXECUTE FUNCTION enrollment_as_grant_anew('role_id');
CREATE TRIGGER enrollment_as_grant_anew AFTER UPDATE ON accounts_account FOR EACH ROW
    WHEN ((OLD.path, OLD.state) IS DISTINCT FROM (NEW.path, NEW.state))
    EXECUTE FUNCTION enrollment_as_grant_anew('account_id');
CREATE TRIGGER enrollment_as_grant_anew AFTER UPDATE ON accounts_course FOR EACH ROW
    WHEN ((OLD.state, OLD.starts_at, OLD.ends_at) IS DISTINCT FROM (NEW.state, NEW.starts_at, NEW.ends_at))
    EXECUTE FUNCTION enrollment_as_grant_anew('course_id');
"""
BACK = """
DROP TRIGGER enrollment_as_grant_anew ON accounts_course;
DROP TRIGGER enrollment_as_grant_anew ON accounts_account;
DROP TRIGGER enrollment_as_grant_anew ON accounts_role;
DROP FUNCTION enrollment_as_grant_anew();
DROP TRIGGER enrollment_as_grant ON accounts_enrollment;
DROP FUNCTION enrollment_as_grant();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_audit_by_time")]
    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="as_grant",
            field=models.TextField(null=True, editable=False),
        ),
        migrations.RunSQL(GRANTS, BACK),
    ]
