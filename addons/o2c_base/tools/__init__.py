from . import transaction, workbook
