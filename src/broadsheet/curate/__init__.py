"""Articles → stories: duplicates, topics, stories, quality, heat. Pure functions; every judgement says why.

prepare      article → what comparing it needs
story_keys   → the keys by which remembered stories like it are found
curate       a batch of articles and what is remembered → judgements, and what to remember
account      a story → what it adds to the records of its outlets
compose      the judged articles of a story → the story as published
"""

from broadsheet.curate.clusters import Cluster, story_id, story_keys
from broadsheet.curate.composing import compose
from broadsheet.curate.duplicates import Copy
from broadsheet.curate.features import Prepared, Stream, prepare
from broadsheet.curate.heat import heat, rank
from broadsheet.curate.judging import Curated, curate
from broadsheet.curate.meaning import Correction
from broadsheet.curate.standing import account

__all__ = [
    "Cluster",
    "Copy",
    "Correction",
    "Curated",
    "Prepared",
    "Stream",
    "account",
    "compose",
    "curate",
    "heat",
    "prepare",
    "rank",
    "story_id",
    "story_keys",
]
