"""Speed of search at size, beside others in the same run."""
