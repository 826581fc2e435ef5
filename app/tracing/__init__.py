"""Why a document one expected was not found: each step of its way, and what to do about it."""
