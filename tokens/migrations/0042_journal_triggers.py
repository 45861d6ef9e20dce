"""Whatever ends leaves a line for the journal, in the same transaction, whoever writes."""

from django.db import migrations

TOKENS = """
CREATE FUNCTION token_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO tokens_journalline (at, what, lookup_id, facts) VALUES (now(), 'revoked', OLD.lookup_id, '{}');
        RETURN NULL;
    END IF;
    IF NEW.lookup_id <> OLD.lookup_id THEN
        INSERT INTO tokens_journalline (at, what, lookup_id, facts)
        VALUES (now(), 'replaced', OLD.lookup_id, jsonb_build_object('by', NEW.lookup_id, 'until',
            (SELECT works_until FROM tokens_supersededsecret WHERE lookup_id = OLD.lookup_id)));
    END IF;
    IF NEW.state <> OLD.state AND (NEW.state IN ('revoked', 'suspended')
        OR (OLD.state = 'suspended' AND NEW.state = 'active')) THEN
        INSERT INTO tokens_journalline (at, what, lookup_id, facts)
        VALUES (now(), CASE NEW.state WHEN 'active' THEN 'resumed' ELSE NEW.state END, NEW.lookup_id, '{}');
    END IF;
    IF NEW.expires_at IS DISTINCT FROM OLD.expires_at
        AND current_setting('tokenportal.clamping', true) IS DISTINCT FROM 'on' THEN
        INSERT INTO tokens_journalline (at, what, lookup_id, facts)
        VALUES (now(), 'ends', NEW.lookup_id, jsonb_build_object('until', NEW.expires_at));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER token_is_journaled AFTER UPDATE ON tokens_accesstoken FOR EACH ROW
    WHEN (NEW.lookup_id <> OLD.lookup_id
        OR (NEW.state <> OLD.state AND (NEW.state IN ('revoked', 'suspended') OR OLD.state = 'suspended'))
        OR (NEW.expires_at IS DISTINCT FROM OLD.expires_at
            AND current_setting('tokenportal.clamping', true) IS DISTINCT FROM 'on'))
    EXECUTE FUNCTION token_is_journaled();
CREATE TRIGGER token_gone_is_journaled AFTER DELETE ON tokens_accesstoken FOR EACH ROW
    EXECUTE FUNCTION token_is_journaled();

CREATE FUNCTION overlap_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tokens_journalline (at, what, lookup_id, facts) VALUES (now(), 'cut', OLD.lookup_id,
        jsonb_build_object('until', CASE TG_OP WHEN 'DELETE' THEN now() ELSE NEW.works_until END));
    RETURN NULL;
END $$;
CREATE TRIGGER overlap_is_journaled AFTER UPDATE OF works_until ON tokens_supersededsecret FOR EACH ROW
    WHEN (NEW.works_until < OLD.works_until) EXECUTE FUNCTION overlap_is_journaled();
CREATE TRIGGER overlap_gone_is_journaled AFTER DELETE ON tokens_supersededsecret FOR EACH ROW
    WHEN (OLD.works_until > now()) EXECUTE FUNCTION overlap_is_journaled();
"""
TOKENS_BACK = """
DROP TRIGGER overlap_gone_is_journaled ON tokens_supersededsecret;
DROP TRIGGER overlap_is_journaled ON tokens_supersededsecret;
DROP FUNCTION overlap_is_journaled();
DROP TRIGGER token_gone_is_journaled ON tokens_accesstoken;
DROP TRIGGER token_is_journaled ON tokens_accesstoken;
DROP FUNCTION token_is_journaled();
"""
PEOPLE = """
CREATE FUNCTION person_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tokens_journalline (at, what, lookup_id, facts)
    VALUES (now(), CASE WHEN TG_OP = 'UPDATE' AND NEW.is_active THEN 'enabled' ELSE 'disabled' END, '',
        jsonb_build_object('person', OLD.id, 'login', OLD.login_id, 'sis', OLD.sis_user_id));
    RETURN NULL;
END $$;
CREATE TRIGGER person_is_journaled AFTER UPDATE OF is_active ON accounts_user FOR EACH ROW
    WHEN (NEW.is_active <> OLD.is_active) EXECUTE FUNCTION person_is_journaled();
CREATE TRIGGER person_gone_is_journaled AFTER DELETE ON accounts_user FOR EACH ROW
    EXECUTE FUNCTION person_is_journaled();

CREATE FUNCTION feed_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tokens_journalline (at, what, lookup_id, facts)
    VALUES (now(), 'calendar', left(encode(OLD.digest, 'hex'), 16), '{}');
    RETURN NULL;
END $$;
CREATE TRIGGER feed_is_journaled AFTER UPDATE OF digest ON tokens_calendarfeed FOR EACH ROW
    WHEN (NEW.digest <> OLD.digest) EXECUTE FUNCTION feed_is_journaled();
CREATE TRIGGER feed_gone_is_journaled AFTER DELETE ON tokens_calendarfeed FOR EACH ROW
    EXECUTE FUNCTION feed_is_journaled();
"""
PEOPLE_BACK = """
DROP TRIGGER feed_gone_is_journaled ON tokens_calendarfeed;
DROP TRIGGER feed_is_journaled ON tokens_calendarfeed;
DROP FUNCTION feed_is_journaled();
DROP TRIGGER person_gone_is_journaled ON accounts_user;
DROP TRIGGER person_is_journaled ON accounts_user;
DROP FUNCTION person_is_journaled();
"""
REST = """
CREATE FUNCTION verifier_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tokens_journalline (at, what, lookup_id, facts) VALUES (now(), 'verifier', OLD.lookup_id, '{}');
    RETURN NULL;
END $$;
CREATE TRIGGER verifier_is_journaled AFTER UPDATE OF revoked_at, lookup_id ON tokens_verifier FOR EACH ROW
    WHEN (NEW.lookup_id <> OLD.lookup_id OR (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL))
    EXECUTE FUNCTION verifier_is_journaled();
CREATE TRIGGER verifier_gone_is_journaled AFTER DELETE ON tokens_verifier FOR EACH ROW
    EXECUTE FUNCTION verifier_is_journaled();

CREATE FUNCTION pause_is_journaled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tokens_journalline (at, what, lookup_id, facts) VALUES (now(), 'paused', '', jsonb_build_object(
            'pause', NEW.id, 'whom', NEW.whom, 'account', NEW.account_id, 'base', NEW.base, 'course', NEW.course_id,
            'rights', NEW.rights, 'reason', NEW.reason, 'reason_code', NEW.reason_code, 'words', NEW.words));
    ELSE
        INSERT INTO tokens_journalline (at, what, lookup_id, facts)
        VALUES (now(), 'lifted', '', jsonb_build_object('pause', NEW.id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER pause_is_journaled AFTER INSERT ON tokens_pause FOR EACH ROW EXECUTE FUNCTION pause_is_journaled();
CREATE TRIGGER pause_lifted_is_journaled AFTER UPDATE OF lifted_at ON tokens_pause FOR EACH ROW
    WHEN (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL) EXECUTE FUNCTION pause_is_journaled();
"""
REST_BACK = """
DROP TRIGGER pause_lifted_is_journaled ON tokens_pause;
DROP TRIGGER pause_is_journaled ON tokens_pause;
DROP FUNCTION pause_is_journaled();
DROP TRIGGER verifier_gone_is_journaled ON tokens_verifier;
DROP TRIGGER verifier_is_journaled ON tokens_verifier;
DROP FUNCTION verifier_is_journaled();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0041_journal"), ("accounts", "0010_audit_chain")]
    operations = [
        migrations.RunSQL(TOKENS, TOKENS_BACK),
        migrations.RunSQL(PEOPLE, PEOPLE_BACK),
        migrations.RunSQL(REST, REST_BACK),
    ]
