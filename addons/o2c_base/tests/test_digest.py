from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestDigest(ReceivablesCommon):
    """Overdue and DSO in the mail that managers get anyway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "Receivables",
                "company_id": cls.company.id,
                "kpi_o2c_overdue": True,
                "kpi_o2c_dso": True,
            }
        )
        cls.reader = new_test_user(
            cls.env,
            "digest_reader",
            groups="o2c_base.group_collector",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def tiles(self, user=None):
        user = user or self.reader
        kpis = self.digest._compute_kpis(self.company, user)
        return {kpi["kpi_name"]: kpi for kpi in kpis}

    def test_tiles_show_the_figures_and_their_change(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        self.invoice(500, date="2026-05-16", due="2026-06-12")
        figures = self.env["o2c.kpi"]._figures(self.company)
        digest = self.digest.with_user(self.reader)
        self.assertEqual(digest.kpi_o2c_overdue_value, figures["overdue"].value)
        self.assertEqual(digest.kpi_o2c_dso_value, figures["dso"].value)
        overdue = self.tiles()["kpi_o2c_overdue"]
        self.assertIn("1.5k", overdue["kpi_col1"]["value"])
        self.assertNotIn("%", overdue["kpi_col1"]["value"])
        self.assertIn("(+50.0 %)", overdue["kpi_col2"]["value"])  # 1,000 a week ago
        # else core would paint it green
        self.assertEqual(overdue["kpi_col2"]["margin"], 0.0)
        self.assertIn("o2c_base.o2c_debtor_action", overdue["kpi_action"])

    def test_what_the_screens_show_is_what_the_mail_says(self):
        invoice = self.invoice(1000, date="2026-05-01", due="2026-05-31")
        self.env["o2c.kpi.snapshot"].sudo()._take(self.company)
        self.match(invoice, self.payment(1000))  # not yet on the KPI screen
        digest = self.digest.with_user(self.reader)
        self.assertEqual(digest.kpi_o2c_overdue_value, 1000)

    def test_a_figure_that_is_not_there_is_left_out(self):
        self.assertEqual(self.tiles().keys(), {"kpi_o2c_overdue"})

    def test_who_has_no_role_gets_no_tile(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        nobody = new_test_user(self.env, "digest_nobody", groups="base.group_user")
        self.assertEqual(self.tiles(nobody), {})

    def test_who_works_for_another_company_reads_no_figure(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        other = self.setup_other_company(name="Other root")["company"]
        stranger = new_test_user(
            self.env,
            "digest_stranger",
            groups="o2c_base.group_collector",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        digest = self.digest.with_user(stranger).with_company(other)
        with self.assertRaises(AccessError):
            digest.read(["kpi_o2c_overdue_value"])
        self.assertEqual(self.tiles(stranger), {})

    def test_the_mail_is_written(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        self.digest.user_ids = self.reader
        self.digest.action_send_manual()
        mail = self.env["mail.mail"].search([], order="id DESC", limit=1)
        self.assertIn("Overdue", mail.body_html)
