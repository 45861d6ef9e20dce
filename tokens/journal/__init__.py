"""What has ended, written outside of the database: so that a backup of it brings nothing back to life unnoticed.

Triggers leave a line in the transaction of each ending. After its commit, and before anybody is told that it is done,
the lines that are owed get a page: a row that says so is committed, then the page is appended to a file. Therefore
whatever stands in the file was committed, and a database that does not know the last page of the file is older than
the file: it was restored. Its doors stay closed until `manage.py replay_revocations` has ended again what had ended.

Every host has a file of its own and writes down all pages of the database, so that a host that is lost, or a file,
takes nothing along, and none is appended to behind a page that the database does not know.
"""

from tokens.journal.gate import is_quarantined, require_open
from tokens.journal.keeping import forget
from tokens.journal.looking import Quarantined
from tokens.journal.owing import owe
from tokens.journal.standing import Health, health
from tokens.journal.writing import settle

__all__ = ["Health", "Quarantined", "forget", "health", "is_quarantined", "owe", "require_open", "settle"]
