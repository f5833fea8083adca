"""One run of the whole pipeline, from sources to published files. The only place that knows all the rooms::

    begin      take up the edition that a killed run left, else start one
    gather     ask the sources that are due (many at once), remember new entries          gathering.py
    read       fetch and read the pages of new entries (many at once, several processes)  reading.py
               keep a logo of each new outlet                                             logos.py
    curate     judge what was read, in batches in one order                               curating.py
    compose    make records of the stories that changed                                   composing.py
               keep copies of the pictures they show                                      pictures.py
    publish    write the files that a change touches, commit them                         publishing.py
    end        note the edition as finished, with its report
    search     index what was kept before there was an index of search                    store/search_filling.py

Each step takes its work from the store and gives it back in one transaction, so that a step that was killed is done again from
where it stood. Work to do is what the store marks: entries pending, articles not judged, stories touched, records dirty.
Nothing here reads all that is stored.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from broadsheet.edition.pipeline import rebuild, run_edition
    from broadsheet.edition.run import Progress

__all__ = ["Progress", "rebuild", "run_edition"]
_MODULES = {"Progress": "run", "rebuild": "pipeline", "run_edition": "pipeline"}


def __getattr__(name: str) -> Any:
    """Imported when asked for: the processes that read pages and feeds start in a fraction of the time without the rest."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
