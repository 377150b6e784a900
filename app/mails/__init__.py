"""Mail: rows written with what makes them due, sent afterwards; the words of mails about applications; one to many."""
