from . import (
    test_credit_chase,
)
