from . import (
    test_clean_up,
    test_debtor_keeper,
    test_debtor_marks,
    test_event,
    test_ledger_truth,
    test_open_item,
    test_open_item_as_of,
    test_partner_merge,
    test_query_count,
    test_waterfall,
)
