"""What organizers do with applications and calls: the list, the formal check, call files, the log."""
