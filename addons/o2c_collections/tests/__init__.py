from . import (
    test_chase_contact,
    test_chase_reasons,
    test_message_access,
    test_message_bounce,
    test_message_domain,
    test_message_send,
    test_message_write,
)
