from odoo.tests import tagged

from .limit_common import LimitCommon

FIELDS = ["partner_id", "amount", "date_from", "reason"]
COLUMNS = ["Customer", "Amount", "From", "Why"]
OPTIONS = {
    "quoting": '"',
    "separator": ",",
    "has_headers": True,
    "date_format": "%Y-%m-%d",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
}


@tagged("post_install", "-at_install")
class TestCreditLimitImport(LimitCommon):
    """Limits come by Odoo's own import; its test run changes nothing."""

    def run_import(self, rows, dryrun=False):
        text = "\n".join([",".join(COLUMNS), *rows])
        wizard = (
            self.env["base_import.import"]
            .with_user(self.credit_manager)
            .with_company(self.company)
            .create(
                {
                    "res_model": "o2c.credit.limit",
                    "file": text.encode(),
                    "file_type": "text/csv",
                    "file_name": "limits.csv",
                }
            )
        )
        return wizard.execute_import(FIELDS, COLUMNS, OPTIONS, dryrun=dryrun)

    def limits(self):
        return self.env["o2c.credit.limit"].search(
            [("partner_id", "in", (self.customer + self.other).ids)]
        )

    def setUp(self):
        super().setUp()
        self.other = self.new_customer("Importandum")
        self.customer.name = "Importantia"

    def test_a_file_becomes_drafts_and_the_test_run_nothing(self):
        rows = [
            "Importantia,5000.50,2026-06-15,Old system",
            "Importandum,800,2026-07-01,Old system",
        ]
        result = self.run_import(rows, dryrun=True)
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        self.assertFalse(self.limits())
        result = self.run_import(rows)
        self.assertEqual(len(result["ids"]), 2)
        self.assertEqual(sorted(self.limits().mapped("amount")), [800, 5000.50])
        self.assertEqual(set(self.limits().mapped("state")), {"draft"})

    def test_bad_rows_are_told_and_nothing_is_half_done(self):
        result = self.run_import(
            ["Importantia,5000,2026-06-15,x", "Importandum,-1,2026-06-15,x"]
        )
        self.assertIn("negative", str(result["messages"]))
        self.assertFalse(self.limits())

    def test_a_state_cannot_be_imported(self):
        wizard = self.env["o2c.credit.limit"].with_user(self.credit_manager)
        result = wizard.with_company(self.company).load(
            ["partner_id", "amount", "date_from", "state"],
            [["Importantia", "5000", "2026-06-15", "active"]],
        )
        self.assertFalse(result["ids"])
        self.assertFalse(self.limits())
