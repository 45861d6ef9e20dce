"""How a line of the log is written.

`tokens.secrets.MaskSecrets` has gone over a record before it comes to a formatter.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from accounts.origins import origin

# What a record may say beside its message.
FACTS = ("request_id", "method", "path", "status", "ms", "person")


class JsonFormatter(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, then what of FACTS is known, then a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in FACTS if (value := getattr(record, name, None)) is not None}
        if record.exc_info or record.exc_text:
            line["traceback"] = record.exc_text or self.formatException(record.exc_info or (None, None, None))
        return json.dumps(line, default=str)


class AddRequestId(logging.Filter):
    """Gives every record the id of the request it was written in, which is also in the audit trail."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it where there is one and none is given."""
        if request_id := origin.get().request_id:
            record.__dict__.setdefault("request_id", request_id)
        return True
