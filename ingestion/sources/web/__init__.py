"""Pages and files of a web site, as they are copied into a mirror."""
