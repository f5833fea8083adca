"""The newsroom as a living service: the site, live queries, the desk, and editions by themselves."""
