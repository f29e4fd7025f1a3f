# ruff: noqa: F821 (env is what `odoo shell` gives)
# Run in `odoo shell` once: a company with late customers, before its first run.
from datetime import timedelta

CUSTOMERS = 12

company = env.company
company.write({"name": "Kessler Valves", "email": "billing@kessler.example"})
if not company.chart_template:
    env["account.chart.template"].try_loading(
        "generic_coa", company=company, install_demo=False
    )
company.o2c_sending = True
env["o2c.chase.plan"].search([("id", "!=", 0)]).active = False
env["o2c.chase.plan"].create(
    {
        "name": "Letters",
        "company_id": company.id,
        "step_ids": [
            (
                0,
                0,
                {
                    "level": 1,
                    "days": 1,
                    "template_id": env.ref("o2c_collections.mail_template_chase_1").id,
                },
            )
        ],
    }
)
day = company._o2c_today() - timedelta(days=10)
for number in range(CUSTOMERS):
    partner = env["res.partner"].create(
        {
            "name": f"Customer {number}",
            "email": f"c{number}@customer.example",
            "phone": "+49 30 1234567",
        }
    )
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": day,
            "invoice_date_due": day,
            "invoice_line_ids": [
                (0, 0, {"name": "Valve", "price_unit": 100 + number, "tax_ids": []})
            ],
        }
    )
    move.action_post()
env["ir.config_parameter"].set_param("o2c_collections.smtp_timeout_seconds", "2")
env.cr.commit()
