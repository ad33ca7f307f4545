"""What anybody sees who scans a badge, and the page where a code can be typed or pasted."""

from staffing.web.verify import pages

handlers = pages.handlers
