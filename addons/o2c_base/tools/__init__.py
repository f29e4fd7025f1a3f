from . import transaction
