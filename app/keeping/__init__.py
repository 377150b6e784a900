"""What keeps the site honest, and nothing for longer than needed: audit, backup, retention."""
