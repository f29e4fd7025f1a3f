"""What the metrics are worked out from.

>>> one, two = Inputs(outstanding=30), Inputs(outstanding=60, is_past=True)
>>> (one + two).outstanding, (one + two).is_past
(90, True)
"""

from dataclasses import dataclass, field, fields
from datetime import date

#: Window of sales for DSO, best possible DSO and CEI.
SALES_DAYS = 90


@dataclass
class Inputs:
    """What all metrics are worked out from, on one day, for one scope."""

    outstanding: float = 0.0  # open items, credits negative
    owed: float = 0.0  # positive open items
    overdue: float = 0.0
    at_risk: float = 0.0
    unapplied: float = 0.0
    disputed: float = 0.0  # this and the next are known of today only
    promised: float = 0.0
    due_7: float = 0.0
    due_30: float = 0.0
    opening: float = 0.0  # these three after each customer's own credits
    closing: float = 0.0
    closing_current: float = 0.0
    sales: float = 0.0
    sales_months: dict = field(default_factory=dict)  # first day of month: sales
    first_sale: date | None = None  # within the months that countback looks at
    paid: float = 0.0
    paid_days_late: float = 0.0
    paid_days_late_floored: float = 0.0
    paid_dated: float = 0.0  # money for items that have an invoice date
    paid_days_to_pay: float = 0.0
    fell_due: float = 0.0
    fell_due_paid: float = 0.0
    fell_due_count: int = 0
    fell_due_paid_count: int = 0
    today: date | None = None
    is_past: bool = False

    def __add__(self, other):
        values = {
            item.name: getattr(self, item.name) + getattr(other, item.name)
            for item in fields(self)
            if item.type in (float, int)
        }
        months = dict(self.sales_months)
        for month, sales in other.sales_months.items():
            months[month] = months.get(month, 0.0) + sales
        dates = [one.first_sale for one in (self, other) if one.first_sale]
        return Inputs(
            **values,
            sales_months=months,
            first_sale=min(dates, default=None),
            today=self.today or other.today,
            is_past=self.is_past or other.is_past,
        )

    @property
    def sales_days(self):
        """Days that ``sales`` covers: fewer than the window in a young business."""
        if not (self.first_sale and self.today):
            return SALES_DAYS
        return min(SALES_DAYS, (self.today - self.first_sale).days + 1)
