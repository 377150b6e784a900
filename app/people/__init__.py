"""Accounts and who is signed in; what may be tried how often; links by mail; organizers and experts."""
