"""How hard a sentence is to read: the Flesch-Kincaid grade (Kincaid et al. 1975), with the words of the field counted as known.

A reader who signs up as a volunteer knows the word "volunteer"; the name of a state or of a disease has no shorter one.
"""

from __future__ import annotations

import re

#: Words that everybody here meets every day, and names. They count as one syllable.
_WORDS = """
volunteer volunteers volunteering teacher teachers student students pupil pupils children district districts
state county california colorado illinois kentucky massachusetts ohio pennsylvania tennessee chicago jersey
rhode island america fingerprint fingerprints fingerprinted fingerprinting tuberculosis paraprofessional
paraprofessionals substitute substitutes assistant assistants aide aides registry registries offender
offenders programme programmes licence licences licensed certificate certificates diploma college training
employer employers employment education educational immunisation organisation organisations kindergarten
supervise supervises supervised supervision criminal abuse federal national superintendent regional
"""

#: The same as a set.
KNOWN = frozenset(_WORDS.split())


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e at the end."""
    word = word.lower()
    if word in KNOWN:
        return 1
    count = len(re.findall(r"[aeiouy]+", word))
    if count > 1 and word.endswith("e") and not word.endswith("le"):
        count -= 1
    return max(1, count)


def grade(text: str) -> float:
    """The school grade a text asks of its reader, in whole years of American school and parts of one."""
    sentences = max(1, len(re.findall(r"[.!?:;](?:\s|$)", text)))
    words = re.findall(r"[A-Za-z]+(?:'[a-z]+)?", text)
    return 0.39 * len(words) / sentences + 11.8 * sum(syllables(word) for word in words) / len(words) - 15.59
