"""The journal of endings: see docs/restore.md."""

from pathlib import Path

from tokenportal.settings.environment import BASE_DIR, env

# Its directory, outside of the database and of its backups.
REVOCATION_JOURNAL = Path(
    env.str("REVOCATION_JOURNAL", "") or Path(env.str("TOKENPORTAL_DATA", str(BASE_DIR / "var"))) / "journal"
)
# How long it is kept: no backup that is older can be restored.
JOURNAL_DAYS = env.int("JOURNAL_DAYS", 400)
