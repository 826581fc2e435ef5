"""Serves: the REST interface, the page and widget, answers, jobs and the command line."""
