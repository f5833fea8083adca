"""Elements of the XML that is published. Text that XML cannot carry is taken out; lxml writes the rest safely."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from broadsheet.text import clean


def element(
    tag: str,
    *children: str | etree._Element,
    attributes: Mapping[str, str] | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> etree._Element:
    """An element with its text and children, in the order given. ``prefixes`` names its namespaces; "" is the default one."""
    names = {prefix or None: namespace for prefix, namespace in (prefixes or {}).items()}
    made = etree.Element(tag, nsmap=names)  # type: ignore[arg-type]  # the stubs lack the default namespace
    for name, value in (attributes or {}).items():
        made.set(name, clean(value))
    for child in children:
        if isinstance(child, str):
            made.text = (made.text or "") + clean(child)
        else:
            made.append(child)
    return made


def document(root: etree._Element) -> bytes:
    """The bytes of a whole document in UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"
