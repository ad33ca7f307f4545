"""staffing: may this person do this work, here, on this day, under which rule, and what is missing?"""

import os

__version__ = "0.1.0"

# Piccolo looks its registry up by this name when a table or migration is used.
os.environ.setdefault("PICCOLO_CONF", "staffing.piccolo_conf")
