"""Articles → stories: duplicates, topics, stories, quality, heat. Pure functions; every judgement says why.

prepare      article → what comparing it needs
story_keys   → the keys by which remembered stories like it are found
nearest      those keys and the stories that have them → the stories to compare with
curate       a batch of articles and what is remembered → judgements, and what to remember
divide       a story's articles → the stories they are
credited     a story's articles → the judgements that change when each text is credited to whom it is due
account      a story → what it adds to the records of its outlets
compose      the judged articles of a story → the story as published
"""

from broadsheet.curate.clusters import Cluster, alone, one_story, story_id, story_keys, total
from broadsheet.curate.composing import compose
from broadsheet.curate.crediting import credited
from broadsheet.curate.dividing import Division, divide, is_due
from broadsheet.curate.duplicates import Copy
from broadsheet.curate.features import Prepared, Stream, prepare, reread
from broadsheet.curate.heat import heat, rank
from broadsheet.curate.judging import Curated, curate
from broadsheet.curate.meaning import Correction
from broadsheet.curate.standing import account
from broadsheet.curate.stories import POSTINGS, Merge, Settled, nearest

__all__ = [
    "POSTINGS",
    "Cluster",
    "Copy",
    "Correction",
    "Curated",
    "Division",
    "Merge",
    "Prepared",
    "Settled",
    "Stream",
    "account",
    "alone",
    "compose",
    "credited",
    "curate",
    "divide",
    "heat",
    "is_due",
    "nearest",
    "one_story",
    "prepare",
    "rank",
    "reread",
    "story_id",
    "story_keys",
    "total",
]
