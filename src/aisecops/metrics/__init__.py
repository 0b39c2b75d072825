"""Numbers about models: quality, and what it is worth without an attacker."""
