from . import test_dispute_warehouse
