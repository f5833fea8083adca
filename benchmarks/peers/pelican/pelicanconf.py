import json

SITENAME = "The Benchmark"
SITEURL = "https://paper.example"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
THEME = "theme"
WITH_FUTURE_DATES = True
ARTICLE_URL = "stories/{slug}/"
ARTICLE_SAVE_AS = "stories/{slug}/index.html"
TAG_URL = "topics/{slug}/"
TAG_SAVE_AS = "topics/{slug}/index.html"
DIRECT_TEMPLATES = ["index"]
CATEGORY_SAVE_AS = ""
AUTHOR_SAVE_AS = ""
ARCHIVES_SAVE_AS = ""
FEED_ALL_RSS = "feed.xml"
FEED_ALL_ATOM = "atom.xml"
CATEGORY_FEED_ATOM = None
TAG_FEED_RSS = "topics/{slug}/feed.xml"
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
FEED_MAX_ITEMS = 50
DEFAULT_PAGINATION = False
CACHE_CONTENT = False
JINJA_FILTERS = {"fromjson": json.loads}
