from odoo.exceptions import UserError
from odoo.tests import tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestChaseAttach(MessageCase):
    """What goes along with an e-mail, and what happens when it is too much."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step = cls.plan.step_ids[0]
        cls.invoices = cls._invoice() + cls._invoice(50)

    def setUp(self):
        super().setUp()
        model = self.registry["o2c.debtor"]
        self.size = 1000

        def print_invoices(debtor, invoices):
            return debtor.env["ir.attachment"].create(
                [
                    {
                        "name": f"{invoice.name.replace('/', '_')}.pdf",
                        "raw": b"x" * self.size,
                        "res_model": "mail.compose.message",
                        "res_id": 0,
                    }
                    for invoice in invoices
                ]
            )

        self.patch(model, "_new_pdfs", print_invoices)
        self.patch(
            model, "_statement_file", lambda debtor, **o: ("Statement.pdf", b"%PDF")
        )

    def names(self, message):
        return sorted(message.mail_message_id.attachment_ids.mapped("name"))

    def test_nothing_is_attached_unless_the_level_says_so(self):
        message = self._chase()
        self.assertFalse(message.attachment_ids)
        self.assertNotIn("attachments", message.figures)
        [mail] = self._send(["ok"]).accepted
        self.assertFalse(list(mail.iter_attachments()))

    def test_the_invoices_it_speaks_of_go_along(self):
        self.step.attach = "invoices"
        other = self._invoice(70, days_late=-10)  # not due, so not among them
        message = self._chase()
        self.assertEqual(
            self.names(message),
            sorted(f"{i.name.replace('/', '_')}.pdf" for i in self.invoices),
        )
        self.assertNotIn(other.name, message.body_html)
        kept = message.figures["attachments"]
        self.assertEqual([file["size"] for file in kept], [1000, 1000])
        self.assertTrue(all(file["checksum"] for file in kept))
        [mail] = self._send(["ok"]).accepted
        self.assertEqual(
            sorted(part.get_filename() for part in mail.iter_attachments()),
            self.names(message),
        )

    def test_files_are_the_account_s_so_that_nobody_clears_them_away(self):
        self.step.attach = "invoices"
        message = self._chase()
        self.assertEqual(
            set(message.attachment_ids.mapped("res_model")), {"o2c.debtor"}
        )

    def test_invoices_too_large_give_way_to_the_statement(self):
        self.step.attach = "invoices"
        self.company.o2c_attachment_limit = 1
        self.size = 500 * 1024
        message = self._chase()
        self.assertEqual(self.names(message), ["Statement.pdf"])

    def test_where_nothing_fits_the_message_goes_alone(self):
        self.step.attach = "statement"
        self.company.o2c_attachment_limit = 0
        message = self._chase()
        self.assertFalse(message.attachment_ids)
        self._send(["ok"])
        self.assertEqual(message.state, "sent")

    def test_a_statement_goes_along(self):
        self.step.attach = "statement"
        self.assertEqual(self.names(self._chase()), ["Statement.pdf"])

    def test_invoices_that_cannot_be_printed_stop_nothing(self):
        def fail(debtor, invoices):
            raise UserError("no printer")  # pylint: disable=translation-required

        self.patch(self.registry["o2c.debtor"], "_new_pdfs", fail)
        self.step.attach = "invoices"
        self.assertEqual(self.names(self._chase()), ["Statement.pdf"])

    def test_a_text_message_carries_nothing(self):
        self.customer.phone = "+491701234567"
        self.step.write({"attach": "invoices", "channel": "sms"})
        self.assertFalse(self._chase().attachment_ids)
