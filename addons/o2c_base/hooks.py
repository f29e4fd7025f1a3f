"""What installing does once: set each company's start date, start the builder."""


def post_init_hook(env):
    """Give every company its chase-from date and wake the resumable builder.

    Nothing here is proportional to the ledger: customer accounts are built
    afterwards, in batches, by ``o2c.debtor._cron_build``.
    """
    for company in env["res.company"].search([("o2c_chase_from", "=", False)]):
        company.o2c_chase_from = company._o2c_default_chase_from()
    env.ref("o2c_base.ir_cron_build_debtors")._trigger()
