from . import (
    test_credit_stock,
)
