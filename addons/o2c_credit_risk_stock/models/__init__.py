from . import (
    o2c_credit_hold,
    o2c_credit_policy,
    sale_order,
    sale_order_line,
    stock_picking,
)
