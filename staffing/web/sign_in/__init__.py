"""Signing in by code, signing out, going on with a kept form, and the demonstration's sign-ins and outbox."""

from staffing.web.sign_in.demo import demo_handlers
from staffing.web.sign_in.pages import sign_in_handlers

handlers = [*sign_in_handlers, *demo_handlers]

__all__ = ["handlers"]
