"""How well and how fast files of all kinds are read, and how fast an unchanged tree is seen."""
