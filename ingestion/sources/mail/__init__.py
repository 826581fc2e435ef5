"""Lists mails one by one: of an IMAP account, a maildir, or mbox files."""
