"""One run of the whole pipeline, from sources to published files. The only place that knows all the rooms::

    begin      take up the edition that a killed run left, else start one
    gather     ask the sources that are due (many at once), remember new entries          gathering.py
    read       fetch and read the pages of new entries (many at once, several processes)  reading.py
               keep a logo of each new outlet                                             logos.py
    curate     judge what was read, in batches in one order                               curating.py
    compose    make records of the stories that changed                                   composing.py
    publish    write the files that a change touches, commit them                         publishing.py
    end        note the edition as finished, with its report

Each step takes its work from the store and gives it back in one transaction, so that a step that was killed is done again from
where it stood. Work to do is what the store marks: entries pending, articles not judged, stories touched, records dirty.
Nothing here reads all that is stored.
"""

from broadsheet.edition.pipeline import rebuild, run_edition
from broadsheet.edition.run import Progress

__all__ = ["Progress", "rebuild", "run_edition"]
