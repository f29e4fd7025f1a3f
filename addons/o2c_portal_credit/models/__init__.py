from . import (
    o2c_credit_limit,
    o2c_debtor_apply,
    o2c_debtor_held,
    res_company,
    res_config_settings,
)
