from . import (
    o2c_credit_decision,
    o2c_credit_enforce,
    o2c_credit_request,
)
