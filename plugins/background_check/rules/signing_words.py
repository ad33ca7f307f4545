"""What stands in the way of a signature, as sentences for the person: constants, so that every catalogue has them all."""

from __future__ import annotations

ENDED = "This check was ended, so there is nothing to sign any more. Nothing goes out. The volunteer office can order it again."
NOT_NOW = "This check does not wait for a signature any more. Open it again to see where it is."
TOO_YOUNG = (
    "This check can only be made for people who are older than you are now, so it was not asked for. The volunteer office knows "
    "what is possible instead: call or text them."
)
CHANGED = "The text has changed since you opened the page, so nothing was signed. Read it as it is now, then go on."
DISCLOSURE_FIRST = "Read the disclosure first: it says what may be asked about you. Then you can authorise it."
OTHER_FIRST = "Another text comes first. Go back to your check and read them in their order."
NO_NAME = "Type your first name and your family name."
LONG_NAME = "That is too long for a name. Type your first name and your family name."
NOT_YOURS = "This is not the name we have on record. Type it as it is shown. If that is wrong, call the volunteer office."
NOT_AGREED = "Tick the box if you agree. Without it nothing is asked for."

#: All of them, for the catalogues.
SENTENCES = (ENDED, NOT_NOW, TOO_YOUNG, CHANGED, DISCLOSURE_FIRST, OTHER_FIRST, NO_NAME, LONG_NAME, NOT_YOURS, NOT_AGREED)
