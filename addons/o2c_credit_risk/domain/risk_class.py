"""Risk classes, from best to worst."""

CLASSES = [
    ("A", "A: very good"),
    ("B", "B: good"),
    ("C", "C: fair"),
    ("D", "D: weak"),
    ("E", "E: poor"),
]

#: What each class makes of Odoo's own degree of trust.
TRUST = {"A": "good", "B": "good", "C": "normal", "D": "bad", "E": "bad"}
