"""The public site and the signed-in volunteer's pages."""

from staffing.web.site import badge, join, join_questions, me, start, task

handlers = [*start.handlers, *join.handlers, *join_questions.handlers, *me.handlers, *task.handlers, *badge.handlers]
