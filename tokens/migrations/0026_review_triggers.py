"""What was asked never changes, and a review that is over stays as it is, but for a late answer to a suspension."""

from django.db import migrations

KEPT = """
CREATE FUNCTION review_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.stage IN ('closed', 'cancelled') THEN
        RAISE EXCEPTION 'a review that is over stays as it is, and none is deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage = 'open' AND OLD.stage <> 'open' THEN
        RAISE EXCEPTION 'a review that is being closed is not opened again' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_stays BEFORE UPDATE OR DELETE ON tokens_review FOR EACH ROW EXECUTE FUNCTION review_stays();

CREATE FUNCTION review_item_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what a review asked stays' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.review_id <> OLD.review_id OR NEW.token_id <> OLD.token_id OR NEW.owner_id <> OLD.owner_id
        OR NEW.purpose <> OLD.purpose
    THEN
        RAISE EXCEPTION 'what a review asked never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.outcome = 'suspended' AND NEW.outcome = 'resumed' AND NEW.answer = 'needed'
        AND NEW.settled_at = OLD.settled_at
    THEN
        RETURN NEW;
    END IF;
    IF OLD.outcome <> '' OR EXISTS (
        SELECT FROM tokens_review r WHERE r.id = OLD.review_id AND r.stage IN ('closed', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'what came of a token in a review never changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_item_stays BEFORE UPDATE OR DELETE ON tokens_reviewitem
    FOR EACH ROW EXECUTE FUNCTION review_item_stays();
"""
KEPT_BACK = """
DROP TRIGGER review_item_stays ON tokens_reviewitem;
DROP TRIGGER review_stays ON tokens_review;
DROP FUNCTION review_item_stays();
DROP FUNCTION review_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("tokens", "0025_reviews")]
    operations = [migrations.RunSQL(KEPT, KEPT_BACK)]
