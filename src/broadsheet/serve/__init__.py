"""The newsroom as a living service: editions by themselves, the site, health and figures."""
