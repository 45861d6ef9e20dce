"""The database allows only the arrows between states that the product names, and nothing revives a revoked token."""

from django.db import migrations

STATES = """
CREATE FUNCTION token_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('pending', 'active') THEN
        RAISE EXCEPTION 'a token cannot begin as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER token_begins BEFORE INSERT ON tokens_accesstoken FOR EACH ROW EXECUTE FUNCTION token_begins();

CREATE FUNCTION token_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_new_secret boolean := NEW.tag <> OLD.tag AND NEW.lookup_id <> OLD.lookup_id;
BEGIN
    IF NEW.user_id <> OLD.user_id THEN
        RAISE EXCEPTION 'a token never changes its owner' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'revoked' AND (
        NEW.lookup_id <> OLD.lookup_id OR NEW.verifier <> OLD.verifier OR NEW.expires_at IS DISTINCT FROM OLD.expires_at
        OR NEW.scopes <> OLD.scopes OR NEW.revoked_at <> OLD.revoked_at
    ) THEN
        RAISE EXCEPTION 'a revoked token never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        (OLD.state = 'pending' AND NEW.state IN ('active', 'revoked', 'expired'))
        OR (OLD.state = 'active' AND NEW.state IN ('suspended', 'revoked', 'expired'))
        OR (OLD.state = 'suspended' AND NEW.state IN ('active', 'revoked', 'expired'))
        OR (OLD.state = 'expired' AND NEW.state = 'revoked')
        OR (OLD.state = 'active' AND NEW.state = 'pending' AND is_new_secret)
        OR (OLD.state = 'expired' AND NEW.state IN ('active', 'pending') AND is_new_secret)
    ) THEN
        RAISE EXCEPTION 'a token cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER token_moves BEFORE UPDATE ON tokens_accesstoken FOR EACH ROW EXECUTE FUNCTION token_moves();
"""
STATES_BACK = """
DROP TRIGGER token_moves ON tokens_accesstoken;
DROP TRIGGER token_begins ON tokens_accesstoken;
DROP FUNCTION token_moves();
DROP FUNCTION token_begins();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_initial")]
    operations = [migrations.RunSQL(STATES, STATES_BACK)]
