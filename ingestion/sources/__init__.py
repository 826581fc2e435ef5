"""Where documents come from: each module lists the items of one kind of place."""
