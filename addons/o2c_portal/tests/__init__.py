from . import (
    test_autopay,
    test_autopay_pages,
    test_headers,
    test_pages,
    test_pay,
    test_portal_link,
    test_portal_message,
    test_requests,
    test_surface,
    test_wire,
    test_wire_rules,
)
