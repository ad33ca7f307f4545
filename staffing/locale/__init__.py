"""Catalogues of the pages' words. ``python -m staffing.locale.build`` brings them up to date and compiles them."""
