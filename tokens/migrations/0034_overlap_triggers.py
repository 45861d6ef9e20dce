"""No two earlier secrets of a token work at once, none works longer than it was let to, and none changes its token."""

from django.db import migrations

KEPT = """
CREATE FUNCTION secret_is_put_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM tokens_accesstoken WHERE id = NEW.token_id FOR NO KEY UPDATE;  -- two at once wait for each other
    IF EXISTS (
        SELECT FROM tokens_supersededsecret s WHERE s.token_id = NEW.token_id AND s.works_until > NEW.superseded_at
    ) THEN
        RAISE EXCEPTION 'an earlier secret of token % works still', NEW.token_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER secret_is_put_aside BEFORE INSERT ON tokens_supersededsecret
    FOR EACH ROW EXECUTE FUNCTION secret_is_put_aside();

CREATE FUNCTION secret_stays_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.works_until > OLD.works_until OR NEW.token_id <> OLD.token_id OR NEW.lookup_id <> OLD.lookup_id
        OR NEW.verifier <> OLD.verifier OR NEW.superseded_at <> OLD.superseded_at
    THEN
        RAISE EXCEPTION 'an overlap is only ever shortened' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER secret_stays_aside BEFORE UPDATE ON tokens_supersededsecret
    FOR EACH ROW EXECUTE FUNCTION secret_stays_aside();
"""
KEPT_BACK = """
DROP TRIGGER secret_stays_aside ON tokens_supersededsecret;
DROP TRIGGER secret_is_put_aside ON tokens_supersededsecret;
DROP FUNCTION secret_stays_aside();
DROP FUNCTION secret_is_put_aside();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0033_superseded_secrets")]
    operations = [migrations.RunSQL(KEPT, KEPT_BACK)]
