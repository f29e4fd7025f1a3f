from . import (
    o2c_chase_decision,
    o2c_chase_step,
    o2c_credit_check,
    o2c_debtor,
)
