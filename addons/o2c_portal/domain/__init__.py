"""Rules on money, time and state: plain Python, no ORM."""
