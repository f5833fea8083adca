"""XML that is sound, broken, or dangerous."""

from __future__ import annotations

import pytest
from lxml import etree

from broadsheet.errors import FeedError
from broadsheet.gather.markup import parse_xml

REPAIRS = {
    "sound": ("<a>x</a>", "x"),
    "white space first": (" \n\t<?xml version='1.0'?><a>x</a>", "x"),
    "mark and white space": ("\ufeff\n<a>x</a>", "x"),
    "words first": ("Warning: x on line 3\n<a>x</a>", "x"),
    "second declaration": ("<?xml version='1.0'?><?xml version='1.0'?><a>x</a>", "x"),
    "broken declaration": ("<?xml version=1.0 encoding=utf-8?><a>x</a>", "x"),
    "declaration begun twice": ("<?xml?xml version='1.0' encoding='utf-8'?><a>x</a>", "x"),
    "declaration with a space": ("<? xml version='1.0'?><a>x & y</a>", "x & y"),
    "declaration as an element": ("<xml version='1.0' encoding='utf-8'?><a>x</a>", "x"),
    "declaration with an exclamation mark": ("<!xml version='1.0'?><!-- <b> --><a>x</a>", "x"),
    "declaration without its first sign": ("?xml version='1.0'?><a>x</a>", "x"),
    "declaration run together": ("<?xmlversion='1.0'encoding='utf-8'?><a>x</a>", "x"),
    "declaration without an end": ("<?xml version='1.0' encoding='utf-8'\n<a>x</a>", "x"),
    "declaration escaped": ("&lt;?xml version='1.0'?&gt;<a>x</a>", "x"),
    "declaration in typographic quotes": ("<?xml version=”1.0” encoding=”utf-8”?><a>x</a>", "x"),
    "attribute without quotes": ("<?xml?xml version='1.0' ??><a b:c=2.0 d='1'>x</a>", "x"),
    "wrong version": ("<?xml version='7.0' encoding='UTF-8'?><a>x</a>", "x"),
    "after the end": ("<a>x</a> more", "x"),
    "twice": ("<a>x</a><a>y</a>", "x"),
    "HTML entities": ("<a>&eacute;&nbsp;&NotEqualTilde;</a>", "é\xa0≂̸"),
    "entities of markup": ("<a>&LT;b&GT; &AMP;</a>", "<b> &"),
    "unknown entity": ("<a>&unheard;</a>", "&unheard;"),
    "bare ampersand": ("<a>R&D & x&y; &</a>", "R&D & x&y; &"),
    "Windows-1252 reference": ("<a>&#150; & &#x96;</a>", "– & –"),
    "surrogate reference": ("<a>a&#xD800;b&#55357;c</a>", "abc"),
    "reference to nothing": ("<a>a&#0;b&#x110000;c&#99999999999;d&#xFFFE;</a>", "abcd"),
    "control characters": ("<a>a\x00\x08\x1fb</a>", "ab"),
    "CDATA is left alone": ("<a><![CDATA[&nbsp; & <b>]]> &nbsp;</a>", "&nbsp; & <b> \xa0"),
    "comment is left alone": ("<a><!-- &nbsp; & -->&copy;</a>", "©"),
    "document type": ("<!DOCTYPE a SYSTEM 'x>y'><a>&copy;</a>", "©"),
    "document type with a subset": ("<!DOCTYPE a [<!ENTITY b ']>'><!-- ]> --><?x ?>] ><a>&b;</a>", "&b;"),
    "small document type": ("<?xml version='1.0'?><!-- x --><!doctype a><a>x</a>", "x"),
}


@pytest.mark.parametrize(("text", "expected"), REPAIRS.values(), ids=REPAIRS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_repairs(text: str, expected: str, encoding: str) -> None:
    root = parse_xml(text.encode(encoding))
    assert root.tag == "a"
    assert "".join(map(str, root.itertext())) == expected


def test_comments_without_an_end_cost_one_pass() -> None:
    with pytest.raises(FeedError):
        parse_xml(b"& <!--" * 200_000)


def test_unclosed_elements_keep_what_came_before() -> None:
    assert [child.text for child in parse_xml(b"<a><b>1</b><b>2</a")] == ["1", "2"]


@pytest.mark.parametrize(
    "content", [b"<!DOCTYPE a [<!ENTITY b 'c'>", b'<!DOCTYPE a "><a/>', b"<!DOCTYPE", b"<!DOCTYPE html><a/>"]
)
def test_document_types_that_are_refused(content: bytes) -> None:
    with pytest.raises(FeedError):
        parse_xml(content)


def test_no_document_type_reaches_the_tree() -> None:
    root = parse_xml(b"<!DOCTYPE a [<!ENTITY b 'c'> <!ATTLIST a d CDATA 'added'>]><a>&b;</a>")
    assert root.getroottree().docinfo.doctype == ""
    assert dict(root.attrib) == {}
    assert not any(isinstance(node, etree._Entity) for node in root.iter())
