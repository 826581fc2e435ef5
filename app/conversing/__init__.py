"""Conversations: kept for who asked, shown again only as far as its proof may still be read."""
