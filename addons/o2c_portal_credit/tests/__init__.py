from . import (
    test_credit_pages,
    test_held_orders,
    test_payment_choice,
    test_surface,
)
