from . import (
    base_partner_merge,
    o2c_call,
    o2c_collector_assign,
    o2c_collector_reassign,
    o2c_segment_apply,
    o2c_statement_answer,
    o2c_statement_wizard,
)
