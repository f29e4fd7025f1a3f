from . import planned, transaction, workbook
