"""Which parts of a page are furniture: captions, teasers, bylines, notices, and whatever class names say is beside the text."""

from __future__ import annotations

import re

from broadsheet.read.blocks import NEVER, Block, Layout

TEASER = 600  # characters; a linked headline with no more text around it is a teaser
CAPTION = 300
LEAST_LINK = 20  # characters of a link that is a headline
NOTICE = 240
TOPICAL = 0.2  # share of an article's blocks; notices are fewer
MAJORITY = 0.65  # share of a page's prose; an element that holds more is no furniture, whatever it is called

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Both are searched in lower case and begin with letters, so that the scan skips to a first letter that can match.
_CREDIT = re.compile(
    r"(?:photo(?:graph|grapher|s)?|pictures?|pic|images?|foto(?:s|graf[ií]a)?|bild(?:rechte|quelle|er)?|credit|"
    r"crédit|source|quelle|fuente|illustration|video|©)"
    r" ?(?:by |von |de |par |:|/|©|–|-)[^.!?]{0,80}[)\]]?\.?$|(?:getty images|ap photo|/afp|/reuters|shutterstock|"
    r"/dpa)[^.!?]{0,40}[)\]]?\.?$"
)  # fmt: skip
_NOTICE = re.compile(
    r"(?:newsletters?|subscri(?:be|ption)|sign up|sign in|log ?in|abonnier|abonn[eé]s?|suscr[ií]b|iscriviti|"
    r"follow us|folgen sie|seguici|s[ií]guenos|"
    r"download (?:the|our)|whatsapp|telegram|suscripción|read (?:more|also|next)|also read|lesen sie (?:auch|mehr)|"
    r"mehr zum thema|lire aussi|leggi anche|lee también|"
    r"lea también|leia também|lees ook|les også|läs (?:också|mer)|click here|hier klicken|all rights reserved|"
    r"alle rechte vorbehalten|cookies?|advertisement|"
    r"anzeige|publicidad|pubblicità|share this|reporting by|editing by|contributed to this|get in touch|"
    r"contact us|report a typo|fehler gefunden|"
    r"privacy policy|terms of (?:service|use)|recaptcha|comments? (?:are|is) closed|javascript)\b|©"
)  # fmt: skip
_CREDIT_WITHIN = 140  # characters at the end of a block


def furniture(page: Layout, prose: list[float], trust: int) -> list[bool]:
    """For each element whether it is furniture. ``prose`` is how much of each block is running text, 0 or less when none.

    Elements marked with less than ``trust`` are not set aside for their names.
    """
    sizes = totals(page, [float(len(block.text)) for block in page.blocks])
    weights = totals(page, [max(0.0, value) for value in prose])
    most = MAJORITY * weights[0]
    aside = [
        element.marked >= trust and (weight <= most or element.marked == NEVER)
        for element, weight in zip(page.elements, weights, strict=True)
    ]
    for block in page.blocks:
        if block.tag in _HEADINGS and block.linked > len(block.text) * 0.8:
            aside[_around(page, sizes, block.owner, TEASER)] = True
    for index in _listed(page, sizes):
        aside[index] = True
    for owner in page.pictured:
        index = _around(page, sizes, owner, CAPTION)
        if sizes[index] <= CAPTION and page.elements[index].tag not in ("p", "li"):
            aside[index] = True
    aside[0] = False
    for index in range(1, len(aside)):
        aside[index] = aside[index] or aside[page.elements[index].parent]
    return aside


def _listed(page: Layout, sizes: list[float]) -> list[int]:
    """Elements that begin with a link and say a little about it, beside others that do: a list of other articles."""
    found: dict[int, list[int]] = {}
    for block in page.blocks:
        if len(block.text) < LEAST_LINK or block.linked <= len(block.text) * 0.8 or block.tag in _HEADINGS:
            continue
        index = block.owner
        if sizes[index] == len(block.text):
            index = page.elements[index].parent
        if index > 0 and len(block.text) < sizes[index] <= TEASER:
            found.setdefault(page.elements[index].parent, []).append(index)
    return [index for siblings in found.values() if len(siblings) > 1 for index in siblings]


def totals(page: Layout, values: list[float]) -> list[float]:
    """The sum over each element and all in it of a value a block."""
    sums = [0.0] * len(page.elements)
    for block, value in zip(page.blocks, values, strict=True):
        sums[block.owner] += value
    for index in range(len(sums) - 1, 0, -1):
        sums[page.elements[index].parent] += sums[index]
    return sums


def notices(blocks: list[Block]) -> list[bool]:
    """Which blocks are a picture's credit, an appeal to the reader or a pointer elsewhere.

    Where many speak so it is what the article is about (a messenger, a newspaper's subscribers): then only those that are
    hardly a sentence or stand in a link are.
    """
    found = [len(block.text) <= CAPTION and _is_notice(block.text.lower()) for block in blocks]
    if sum(found) <= max(3, len(blocks) * TOPICAL):
        return found
    return [notice and (len(block.text) < 60 or block.linked > 0) for notice, block in zip(found, blocks, strict=True)]


def _is_notice(text: str) -> bool:
    return bool(_CREDIT.search(text[-_CREDIT_WITHIN:]) or (len(text) <= NOTICE and _NOTICE.search(text)))


def _around(page: Layout, sizes: list[float], index: int, limit: int) -> int:
    """The largest element around one that holds at most ``limit`` characters of text."""
    while index and sizes[page.elements[index].parent] <= limit:
        index = page.elements[index].parent
    return index
