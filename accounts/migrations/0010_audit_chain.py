"""The lines of the trail are sealed one after the other, each seal a hash over its line and the seal before it.

A line knows the transaction that wrote it, so that it is sealed only when none before it can still come; those that
are there already do not, and come before all others. Neither new column rewrites the table.
"""

from django.db import migrations, models

XACT = """
ALTER TABLE accounts_auditevent ADD COLUMN xact bigint;
ALTER TABLE accounts_auditevent ALTER COLUMN xact SET DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX audit_xact ON accounts_auditevent USING brin (xact) WITH (autosummarize = on);
"""
XACT_BACK = """
DROP INDEX audit_xact;
ALTER TABLE accounts_auditevent DROP COLUMN xact;
"""

CHAIN = """
CREATE FUNCTION audit_link(hash bytea, before bytea, content text) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN sha256(coalesce(hash, before) || convert_to(content, 'UTF8'));
END $$;
CREATE AGGREGATE audit_chained(before bytea, content text) (SFUNC = audit_link, STYPE = bytea);

CREATE TRIGGER seal_no_change BEFORE UPDATE OR DELETE ON accounts_auditseal
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON accounts_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
CHAIN_BACK = """
DROP TRIGGER seal_no_truncate ON accounts_auditseal;
DROP TRIGGER seal_no_change ON accounts_auditseal;
DROP AGGREGATE audit_chained(bytea, text);
DROP FUNCTION audit_link(bytea, bytea, text);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_fewer_indexes")]
    operations = [
        migrations.RunSQL(XACT, XACT_BACK),
        migrations.AddField(
            model_name="auditevent",
            name="carried_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("line", models.BigIntegerField(unique=True)),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(CHAIN, CHAIN_BACK),
    ]
