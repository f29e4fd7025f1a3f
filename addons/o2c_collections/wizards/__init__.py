from . import (
    o2c_call,
    o2c_chase_review,
    o2c_debtor_pause,
    o2c_payment_return,
    o2c_promise_taking,
    o2c_promise_taking_line,
    o2c_late_charge_waive,
    o2c_dispute_decide,
    o2c_worklist_batch,
)
