"""The article's text: which blocks of a page are its running text.

Every block of prose speaks for the elements it stands in, every block of links against them; the element with the highest
sum is the article (a maximum over subtrees, in the spirit of Kohlschütter et al., "Boilerplate Detection using Shallow Text
Features", WSDM 2010, whose text and link densities tell prose from furniture). Within it captions, bylines, teasers and
lists of links are left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from broadsheet.read.blocks import BESIDE, NEVER, Block, Layout, layout
from broadsheet.read.furniture import furniture, notices, totals
from broadsheet.read.metadata import Document
from broadsheet.text import plain

MAX_FALLBACK = 3_000_000  # characters of a page that the slower reader is given
DOMINANT = 0.85  # share of the prose
DENSE = 3  # letters that one Chinese, Japanese or Korean character counts for
UNSURE = 600  # characters of text below which the slower reader is asked
ENOUGH = 400  # characters of text below which class names are believed less
_SENTENCE = re.compile(r"[.!?…。！？؟।][\"'»”’)\]]*$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")  # Korean separates its words
_WORD = re.compile(r"[^\W\d_]")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = frozenset({"p", "blockquote", "pre", "li", "dd", "td"})


class Body(NamedTuple):
    """The text, one paragraph a line, its element, and which reader gave it."""

    text: str = ""
    container: LexborNode | None = None
    origin: str = ""


def body(document: Document, markup: str, *, fast: bool = False) -> Body:
    """The running text of a page.

    Where next to none is found, JSON-LD ``articleBody`` is taken if it is longer (it is less exact than the page itself), and
    the slower trafilatura is asked, unless ``fast``.
    """
    root = document.tree.body
    if root is None:
        return Body()
    own = _own(layout(root), (BESIDE, NEVER))
    if len(own.text) < ENOUGH:
        own = _longer(own, _own(layout(root, whole=True), (NEVER + 1,)))
        own = _longer(own, Body(_stated(document), own.container, "json-ld articleBody"))
    if fast or _length(own.text) >= UNSURE or len(markup) > MAX_FALLBACK:
        return own
    other = _trafilatura(markup)
    return Body(other, own.container, "trafilatura") if len(other) > 1.3 * len(own.text) else own


def _longer(one: Body, other: Body) -> Body:
    """The first, unless the second has several times its text."""
    return other if len(other.text) > 3 * len(one.text) else one


def _stated(document: Document) -> str:
    value = document.article.get("articleBody")
    lines = map(plain, value[:MAX_FALLBACK].splitlines()) if isinstance(value, str) else ()
    return "\n".join(line for line in lines if line)


def _trafilatura(markup: str) -> str:
    # Imported late: it costs half a second and most pages never need it.
    from trafilatura import extract

    try:
        found = extract(markup, include_comments=False, include_tables=False)
    except Exception:  # noqa: BLE001 a reader of hostile pages; its failure leaves us our own reading
        return ""
    return found or ""


def _own(page: Layout, trusts: tuple[int, ...]) -> Body:
    """The text by names and density; names are believed less where they leave next to nothing."""
    values = [_value(block) for block in page.blocks]
    best = Body()
    for trust in trusts:
        best = _longer(best, _dense(page, values, furniture(page, values, trust)))
        if len(best.text) >= ENOUGH:
            break
    return best


def _dense(page: Layout, values: list[float], aside: list[bool]) -> Body:
    """The blocks of the element that has most prose, without what is set aside and what comes after the part that has it."""
    sums = totals(page, [0.0 if aside[block.owner] else value for block, value in zip(page.blocks, values, strict=True)])
    best = max(range(len(sums)), key=lambda index: (sums[index], index))
    end = _end(page, _dominant(page, sums, best))
    cells = _layout_cells(page)
    text = "\n".join(_selected([block for block in page.blocks if best <= block.owner < end and not aside[block.owner]], cells))
    return Body(text, page.elements[best].node, "text density")


def _dominant(page: Layout, sums: list[float], root: int) -> int:
    """The innermost element below ``root`` that has nearly all of its prose. What stands before it may be the standfirst."""
    limit = DOMINANT * sums[root]
    found = root
    for index in range(root + 1, len(sums)):
        if page.elements[index].parent == found and sums[index] >= limit:
            found = index
    return found


def _end(page: Layout, root: int) -> int:
    """The index after the last element within ``root``: in document order they stand together."""
    return next(
        (index for index in range(root + 1, len(page.elements)) if page.elements[index].parent < root), len(page.elements)
    )


def _value(block: Block) -> float:
    """How much a block speaks for the elements around it: its length when it is prose, less than nothing when it is links."""
    size = len(block.text)
    if block.linked > size * 0.5:
        return -0.5 * min(size, 100)
    if _length(block.text) < 60:
        return -5.0
    return float(size) if _SENTENCE.search(block.text) or size > 100 else size * 0.3


def _layout_cells(page: Layout) -> set[int]:
    """Table cells that hold other elements: columns of a page laid out as a table, not cells of a table of facts."""
    return {element.parent for element in page.elements if element.parent >= 0 and page.elements[element.parent].tag == "td"}


def _length(text: str) -> int:
    return len(text) * (DENSE if _CJK.search(text) else 1)


def _selected(blocks: list[Block], cells: set[int]) -> list[str]:
    kept: list[str] = []
    pending = ""
    seen: set[str] = set()
    for block, notice in zip(blocks, notices(blocks), strict=True):
        size = len(block.text)
        if block.tag == "h1" or block.linked > size * 0.5 or block.text in seen or notice or not _WORD.search(block.text):
            continue
        seen.add(block.text)
        if block.tag in _HEADINGS:
            pending = block.text
            continue
        if (block.tag not in _PARAGRAPHS or block.owner in cells) and not (_SENTENCE.search(block.text) or size > 80):
            continue
        if pending:
            kept.append(pending)
            pending = ""
        kept.append(block.text)
    return kept


def word_count(text: str) -> int:
    """Words of a text: runs without white space; where words are not separated, two characters count as one."""
    wide = 0 if text.isascii() else len(_UNSPACED.findall(text))
    words = (_UNSPACED.sub(" ", text) if wide else text).split()
    return len(words) + (wide + 1) // 2
