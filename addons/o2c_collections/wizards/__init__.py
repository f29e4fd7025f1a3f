from . import o2c_debtor_pause
