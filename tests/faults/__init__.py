"""What happens when processes die, servers misbehave and others work meanwhile.

Real worker processes, a real PostgreSQL, a real SMTP server on this machine.
"""
