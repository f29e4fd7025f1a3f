"""What customers, strangers and colleagues without a role may not do."""
