from . import (
    o2c_chase_message,
    o2c_debtor,
    o2c_debtor_items,
    o2c_debtor_pay,
    o2c_debtor_question,
    o2c_debtor_request,
    o2c_debtor_say,
    o2c_portal_attempt,
    o2c_portal_link,
    o2c_portal_request,
    o2c_remittance,
    payment_transaction,
)
