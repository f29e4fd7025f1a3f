from . import (
    o2c_credit_cover,
    o2c_credit_limit,
    o2c_credit_limit_contact,
    o2c_credit_limit_flow,
    o2c_credit_limit_job,
    o2c_credit_limit_source,
    o2c_credit_policy,
    o2c_credit_policy_level,
    o2c_debtor_limit,
    o2c_debtor_risk,
    res_company,
    res_partner,
)
