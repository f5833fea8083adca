"""Stories → files: records, seals, the JSON API, feeds, sitemaps, the website, and commits of them."""
