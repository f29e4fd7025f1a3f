from . import (
    test_core_limit,
    test_credit_alert,
    test_credit_limit,
    test_credit_limit_day,
    test_credit_limit_input,
    test_credit_merge,
    test_credit_security,
    test_exposure,
    test_guard,
    test_risk_class,
)
