from . import (
    test_credit_security,
)
