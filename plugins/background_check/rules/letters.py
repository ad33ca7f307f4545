"""Letters about a check, put together from their words: before a decision, the decision, and a good end.

A consumer report (15 USC 1681a) and a record straight from an agency are told apart: the second one's letters claim no right
that the Fair Credit Reporting Act gives. The summary of rights goes out word for word as the Bureau publishes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from staffing.api import Unusable

if TYPE_CHECKING:
    from staffing.api import Enclosure, Letter, LetterPart, Said

FOLDER = Path(__file__).parent.parent / "texts"
#: How a person gets a copy, as those who send the letter choose it. The last two are for records straight from an agency.
COPIES: dict[str, str] = {
    "portal": "They can read it in their own account with the agency",
    "with_letter": "A copy goes out with this letter",
    "handed": "A copy was handed to them",
    "agency": "They get their own copy from the agency; we may not pass the record on",
    "shown": "They can look at it in our office",
}
REPORT_COPIES = ("portal", "with_letter", "handed")
RECORD_COPIES = ("agency", "shown", "handed")
FCRA_BEFORE = "15 USC 1681b(b)(3)(A)"
FCRA_AFTER = "15 USC 1681m(a)"


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of letters in one language. ``reviewed_by`` names a lawyer who read them; '' for none."""

    language: str
    version: str
    says: dict[str, str]
    extras: dict[str, dict[str, str]] = {}
    reviewed_by: str = ""


class Right(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point of the summary of rights."""

    lead: str
    text: str
    items: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Summary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Bureau's summary of rights, word for word, with its version and source."""

    id: str
    version: str
    language: str
    citation: str
    amendments: str
    url: str
    spanish_url: str
    source: str
    confidence: str
    spanish: str
    title: str
    intro: tuple[str, ...]
    rights: tuple[Right, ...]
    closing: str
    contacts_head: tuple[str, str]
    contacts: tuple[tuple[str, str], ...]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a letter is about. ``link`` is the person's page, ``agency`` who made the report, ``extras`` keys of places' words.

    ``copy`` is a key of ``COPIES``; ``handed`` the day on which a letter is to be handed over; ``first_sent`` and
    ``first_number`` are those of the letter before the decision, ``answered`` says whether an answer came.
    """

    district: str
    phone: str
    name: str
    language: str
    number: str
    made_on: date
    signer: tuple[str, ...]
    report: bool
    agency: str
    agency_address: str = ""
    agency_phone: str = ""
    position: str = ""
    link: str = ""
    items: tuple[str, ...] = ()
    bar: str = ""
    why: str = ""
    copy: str = ""
    deadline: date | None = None
    handed: date | None = None
    extras: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    first_sent: date | None = None
    first_number: str = ""
    answered: bool = False
    invented: bool = False


@cache
def words(language: str) -> Words | None:
    """The words in a language, or None where there are none."""
    file = FOLDER / "letters" / f"{language}.yaml"
    return msgspec.yaml.decode(file.read_text(encoding="utf-8"), type=Words) if file.is_file() else None


def english() -> Words:
    """The words that count."""
    found = words("en")
    if found is None:
        raise Unusable("The words of letters are missing (texts/letters/en.yaml). Install staffing again.")
    return found


@cache
def summary() -> Summary:
    """The Bureau's summary of rights that goes out now."""
    return msgspec.yaml.decode((FOLDER / "summary_of_rights.en.yaml").read_text(encoding="utf-8"), type=Summary)


def attachments(extras: Sequence[str]) -> dict[str, str]:
    """Papers that a place asks to be sent along, by key: the sentence that the sender confirms."""
    return {key: attach for key in extras if (attach := english().extras.get(key, {}).get("attach"))}


def isolated(name: str) -> str:
    """A name whose own direction does not move what stands around it."""
    return f"\u2068{name}\u2069"


class _Writer:
    """Puts sentences together in both languages."""

    def __init__(self, about: About) -> None:
        from staffing.api import Said, day_in

        self.about, self._said, self._day = about, Said, day_in
        self.own = words(about.language) if about.language != "en" else None

    def say(self, key: str, **more: Any) -> Said:
        """A sentence by its key."""
        return self._said(self._in(english(), key, more), self._in(self.own, key, more) if self.own else "")

    def placed(self, key: str, when: str) -> Said | None:
        """A place's sentence for a letter, if it has one."""
        text = english().extras.get(key, {}).get(when)
        return self._said(text, self.own.extras.get(key, {}).get(when, "") if self.own else "") if text else None

    def typed(self, text: str) -> Said:
        """What somebody of the district typed: English alone."""
        return self._said(text)

    def _in(self, said: Words, key: str, more: Mapping[str, Any]) -> str:
        about, text = self.about, said.says[key]
        position = self._put(about.position, said.language)
        work = said.says["work"].format(position=position) if about.position else said.says["work_unknown"]
        values: dict[str, Any] = {"name": isolated(about.name), "agency": about.agency, "phone": about.phone, "link": about.link}
        values |= {"work": work, "bar": about.bar, "items": ", ".join(about.items), "number": about.first_number} | dict(more)
        values |= {"deadline": about.deadline, "handed": about.handed, "sent": about.first_sent}
        return text.format(**{name: self._put(value, said.language) for name, value in values.items()})

    def _put(self, value: Any, language: str) -> Any:
        """A value as it stands in a sentence: a day as its readers write it, our letters isolated among those from the right."""
        if isinstance(value, date):
            return self._day(value, language)
        return isolated(value) if language == "ar" and isinstance(value, str) and value else value


def version(about: About) -> str:
    """The version of the words, with that of the summary where it goes along."""
    return f"{english().version}+{summary().version}" if about.report else english().version


def before(about: About) -> Letter:
    """The letter before a decision: that nothing is decided, what is looked at, the copy, the last day, how to answer."""
    from staffing.api import LetterPart

    w = _Writer(about)
    kind = "report" if about.report else "record"
    looked: list[Said] = []
    if about.items:
        looked.append(w.say("items_numbered"))
    if about.bar:
        looked.append(w.say("items_bar"))
    copies = [w.say(f"copy_{about.copy}"), *([w.say("copy_summary")] if about.report else [])]
    parts = [
        LetterPart(paragraphs=(w.say(f"pre_open_{kind}"), w.say("pre_undecided"), w.say("pre_hold"))),
        LetterPart(
            heading=w.say("last_head"),
            paragraphs=(w.say("last_day_hand" if about.handed else "last_day"), w.say("last_stop")),
            strong=True,
        ),
        LetterPart(
            heading=w.say("how_head"),
            items=(*([w.say("how_page")] if about.link else []), w.say("how_phone"), w.say("how_office")),
        ),
        LetterPart(heading=w.say("items_head"), paragraphs=tuple(looked)),
        *_why(w, LetterPart),
        LetterPart(heading=w.say("copy_head"), paragraphs=(*copies, w.say(f"wrong_{kind}"))),
        LetterPart(heading=w.say("may_help_head"), items=tuple(w.say(f"may_help_{n}") for n in range(1, 6))),
        LetterPart(paragraphs=(w.say("may_help_own"),)),
        _agency(w, LetterPart, kind),
        *_here(w, LetterPart, "pre"),
    ]
    if about.report:
        parts.append(LetterPart(paragraphs=(w.say("law", law=FCRA_BEFORE),)))
    return _letter(w, "pre_subject", parts, (_enclosed(),) if about.report else ())


def decision(about: About) -> Letter:
    """The final letter: what was decided, and what the person can do about it."""
    from staffing.api import LetterPart

    w = _Writer(about)
    kind = "report" if about.report else "record"
    opened = [w.say("final_open"), w.say("final_heard" if about.answered else "final_silent")]
    opened.append(w.say("final_bar") if about.bar else w.say("final_decided"))
    rights = ["final_not_agency", "final_free", "final_dispute"] if about.report else ["final_challenge"]
    parts = [
        LetterPart(paragraphs=tuple(opened)),
        *_why(w, LetterPart),
        _agency(w, LetterPart, kind),
        LetterPart(paragraphs=tuple(w.say(key) for key in rights)),
        *_here(w, LetterPart, "final"),
        LetterPart(paragraphs=(w.say("final_again"), *([w.say("law", law=FCRA_AFTER)] if about.report else []))),
    ]
    return _letter(w, "final_subject", parts)


def good_end(about: About) -> Letter:
    """The letter that tells of a good end."""
    from staffing.api import LetterPart

    w = _Writer(about)
    parts = [LetterPart(paragraphs=(w.say("good_open"), w.say("good_decided")), strong=True)]
    if about.conditions:
        conditions = tuple(w.say(f"condition_{code}") for code in about.conditions)
        parts.append(LetterPart(paragraphs=(w.say("good_conditions"),), items=conditions))
    parts.append(LetterPart(paragraphs=(w.say("good_over"),)))
    return _letter(w, "good_subject", parts)


def _why(w: _Writer, part: type[LetterPart]) -> list[LetterPart]:
    return [part(heading=w.say("why_head"), paragraphs=(w.typed(w.about.why),))] if w.about.why else []


def _agency(w: _Writer, part: type[LetterPart], kind: str) -> LetterPart:
    about = w.about
    facts = (("agency_name", about.agency), ("agency_address", about.agency_address), ("agency_phone", about.agency_phone))
    return part(heading=w.say(f"agency_head_{kind}"), facts=tuple((w.say(key), value) for key, value in facts if value))


def _here(w: _Writer, part: type[LetterPart], when: str) -> list[LetterPart]:
    said = tuple(found for key in w.about.extras if (found := w.placed(key, when)) is not None)
    return [part(heading=w.say("here_head"), paragraphs=said)] if said else []


def _letter(w: _Writer, subject: str, parts: Sequence[LetterPart], enclosures: tuple[Enclosure, ...] = ()) -> Letter:
    from staffing.api import Letter

    about = w.about
    return Letter(
        district=about.district,
        sender=tuple(line for line in ("Volunteer office", about.phone) if line),
        to=(about.name,),
        made_on=about.made_on,
        number=about.number,
        language=about.language if w.own else "en",
        subject=w.say(subject),
        greeting=w.say("greeting"),
        help=w.say("help") if w.own and not w.own.reviewed_by else None,
        parts=tuple(parts),
        closing=w.say("closing"),
        signer=about.signer,
        enclosures=enclosures,
        invented=about.invented,
    )


def _enclosed() -> Enclosure:
    from staffing.api import Enclosure, EnclosurePoint

    text = summary()
    return Enclosure(
        title=text.title,
        note=text.spanish,
        note_language="es",
        paragraphs=text.intro,
        points=tuple(EnclosurePoint(lead=one.lead, text=one.text, items=one.items, after=one.after) for one in text.rights),
        closing=text.closing,
        head=text.contacts_head,
        rows=text.contacts,
    )
