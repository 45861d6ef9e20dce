"""A request begins open and takes no way but those that the product names; what was asked for and answered stays."""

from django.db import migrations

STATES = """
CREATE FUNCTION request_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' THEN
        RAISE EXCEPTION 'a request cannot begin as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_begins BEFORE INSERT ON tokens_tokenrequest FOR EACH ROW EXECUTE FUNCTION request_begins();

CREATE FUNCTION request_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.person_id <> OLD.person_id OR NEW.purpose <> OLD.purpose OR NEW.why <> OLD.why OR NEW.scopes <> OLD.scopes
        OR NEW.expires_at IS DISTINCT FROM OLD.expires_at OR NEW.made_at <> OLD.made_at
    THEN
        RAISE EXCEPTION 'what was asked for never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'open' AND (
        NEW.approved_end IS DISTINCT FROM OLD.approved_end OR NEW.decided_at <> OLD.decided_at
        OR NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id OR NEW.reason <> OLD.reason
        OR (OLD.token_id IS NOT NULL AND NEW.token_id IS DISTINCT FROM OLD.token_id)
    ) THEN
        RAISE EXCEPTION 'what was answered never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        (OLD.state = 'open' AND NEW.state IN ('approved', 'refused', 'withdrawn', 'lapsed'))
        OR (OLD.state = 'approved' AND NEW.state IN ('withdrawn', 'lapsed', 'used'))
    ) THEN
        RAISE EXCEPTION 'a request cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_moves BEFORE UPDATE ON tokens_tokenrequest FOR EACH ROW EXECUTE FUNCTION request_moves();
"""
STATES_BACK = """
DROP TRIGGER request_moves ON tokens_tokenrequest;
DROP TRIGGER request_begins ON tokens_tokenrequest;
DROP FUNCTION request_moves();
DROP FUNCTION request_begins();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0011_token_requests")]
    operations = [migrations.RunSQL(STATES, STATES_BACK)]
