"""Import the uploaded files that were asked for: ``python -m campaigns.uploads``, started by the site."""

from __future__ import annotations

import sys

from campaigns.settings import Settings
from campaigns.store.database import open_database
from campaigns.uploads.working import work_off

__all__ = ["main"]


def main() -> int:
    """Import what was asked for; end at once where another process does so already."""
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        work_off(database, settings)
    finally:
        database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
