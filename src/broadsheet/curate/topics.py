"""Which topics an article is about, by the words of its own headline, standfirst and text.

Each keyword found is evidence: in the headline it says most, in the standfirst less, in the text a little for each mention. So
is the meaning of the words, where it is near enough to the topic's (`broadsheet.curate.meaning`).
Pieces of evidence are added up as independent ones: relevance is 1 less the product of what each leaves unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from broadsheet.curate.keywords import Keyword, KeywordTable, hashtag, keyword
from broadsheet.curate.meaning import Correction, Likeness, meanings
from broadsheet.models import Article, Topic, TopicMatch

TITLE, EXCERPT, MENTION = 0.7, 0.4, 0.1  # what one keyword says there by itself
MEANT = 0.5  # what meaning says at most
UNSAID = Likeness(0.0)
MOST_MENTIONS = 6  # further mentions in the text say no more
MOST_TEXT = 20_000  # characters of the text that are looked at


class TopicIndex:
    """All topics of a newsroom, compiled.

    ``meaning`` is the least likeness in meaning that is evidence; at 1 there is none. ``corrections`` are the desk's.
    """

    def __init__(self, topics: Sequence[Topic], *, meaning: float = 1.0, corrections: Sequence[Correction] = ()) -> None:
        self.topics = tuple(topics)
        self.meaning = meaning
        self.meanings = meanings(self.topics, tuple(corrections)) if meaning < 1 or corrections else None
        self.table = KeywordTable(k for number, topic in enumerate(self.topics) for k in _keywords(number, topic))
        known = {t.slug: n for n, t in enumerate(self.topics)} | {t.name: n for n, t in enumerate(self.topics)}
        self.ancestors = tuple(_ancestors(number, self.topics, known) for number in range(len(self.topics)))

    def match(self, article: Article) -> tuple[TopicMatch, ...]:
        """The topics of an article: the most relevant first, each followed by its ancestors."""
        found = self._found(article)
        meant = self._meant(article)
        direct = {}
        for number in sorted(found.keys() | meant.keys()):
            own, likeness = found.get(number, ([], [], [])), meant.get(number, UNSAID)
            if likeness.desk is False or _excluded(own):
                continue
            relevance, reason = _relevance([[one.text for one in field if not one.excludes] for field in own], likeness)
            if relevance >= self.topics[number].threshold:
                direct[number] = TopicMatch(topic=self.topics[number].name, relevance=relevance, reason=reason)
        return self._with_ancestors(direct)

    def _meant(self, article: Article) -> dict[int, Likeness]:
        """By topic, what the meaning of an article's words says, where it says enough, and what the desk said."""
        if self.meanings is None:
            return {}
        near = self.meanings.of(article)
        return {
            number: one if one.value >= self.meaning else Likeness(0.0, one.desk)
            for number, one in near.items()
            if one.value >= self.meaning or one.desk is not None
        }

    def _found(self, article: Article) -> dict[int, tuple[list[Keyword], ...]]:
        """By topic, the keywords found in headline, standfirst and text."""
        found: dict[int, tuple[list[Keyword], ...]] = {}
        for place, text in enumerate((article.title, article.excerpt, article.text[:MOST_TEXT])):
            for one in self.table.find(text):
                found.setdefault(one.topic, ([], [], []))[place].append(one)
        return found

    def _with_ancestors(self, direct: Mapping[int, TopicMatch]) -> tuple[TopicMatch, ...]:
        """Most specific first: topics above no other match, by relevance, each with its ancestors after it."""
        above = {ancestor for number in direct for ancestor in self.ancestors[number]}
        leaves = sorted(direct.keys() - above, key=lambda n: (-direct[n].relevance, -len(self.ancestors[n]), direct[n].topic))
        chosen: dict[int, TopicMatch] = {}
        for number in leaves:
            chosen[number] = direct[number]
            for ancestor in self.ancestors[number]:
                chosen.setdefault(ancestor, direct.get(ancestor) or self._inherited(ancestor, direct[number]))
        return tuple(chosen.values())

    def _inherited(self, ancestor: int, heir: TopicMatch) -> TopicMatch:
        name = self.topics[ancestor].name
        return TopicMatch(topic=name, relevance=heir.relevance, reason=f"above {heir.topic}", inherited=True)


def _keywords(number: int, topic: Topic) -> Iterator[Keyword]:
    for listed, excludes in ((topic.keywords, False), (topic.exclude, True)):
        for text in dict.fromkeys(listed):
            found = keyword(number, text, excludes=excludes)
            if found is not None:
                yield found
    for tag in dict.fromkeys(topic.hashtags):
        yield hashtag(number, tag)


def _excluded(fields: Sequence[Sequence[Keyword]]) -> bool:
    """An excluded word in headline or standfirst rules a topic out; in the text, when it is there as often as the keywords."""
    if any(found.excludes for field in fields[:2] for found in field):
        return True
    against = sum(found.excludes for found in fields[2])
    return against > 0 and 2 * against >= len(fields[2])


def _relevance(fields: Sequence[Sequence[str]], likeness: Likeness) -> tuple[float, str]:
    """The relevance of a topic whose keywords were found in headline, standfirst and text, of this likeness, and why."""
    unsaid, reasons = 1.0, []
    for name, weight, found in (("headline", TITLE, fields[0]), ("standfirst", EXCERPT, fields[1])):
        kinds = sorted(set(found))
        unsaid *= (1 - weight) ** len(kinds)
        if kinds:
            reasons.append(f"{_list(kinds)} in the {name}")
    mentions = len(fields[2])
    if mentions:
        unsaid *= (1 - MENTION) ** min(mentions, MOST_MENTIONS)
        times = f" {mentions} times" if mentions > 1 else ""
        reasons.append(f"{_list(sorted(set(fields[2])))}{times} in the text")
    if likeness.desk:
        unsaid *= 1 - TITLE
        reasons.append("much like an article that the desk filed so")
    elif likeness.value > 0:
        unsaid *= 1 - min(MEANT, likeness.value)
        reasons.append(f"the meaning of its words, likeness {likeness.value:.2f}")
    return round(1 - unsaid, 3), "; ".join(reasons)


def _list(keywords: Sequence[str]) -> str:
    more = f" and {len(keywords) - 3} more" if len(keywords) > 3 else ""
    return ", ".join(f"“{text}”" for text in keywords[:3]) + more


def _ancestors(number: int, topics: Sequence[Topic], known: Mapping[str, int]) -> tuple[int, ...]:
    """The numbers of a topic's parent, grandparent and so on; parents are given by name or slug, loops are cut."""
    found: list[int] = []
    parent = known.get(topics[number].parent)
    while parent is not None and parent != number and parent not in found:
        found.append(parent)
        parent = known.get(topics[parent].parent)
    return tuple(found)
