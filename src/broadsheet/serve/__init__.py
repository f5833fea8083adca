"""HTTP. For now: the published folder, for a look at it."""
