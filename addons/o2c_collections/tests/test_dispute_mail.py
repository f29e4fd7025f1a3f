from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .dispute_common import DisputeCommon


@tagged("post_install", "-at_install", "o2c_dispute")
class TestDisputeMail(DisputeCommon, MailCommon):
    """The conversation with the customer stands in the dispute."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.late(100, days=20)

    def setUp(self):
        super().setUp()
        self.about = self.dispute(self.move, 40)

    def wizard(self, dispute, user=None, **values):
        return (
            self.env["o2c.dispute.decide"]
            .with_user(user or self.env.user)
            .create({"dispute_id": dispute.id, **values})
        )

    def test_a_rejection_is_told_to_the_customer_as_text(self):
        text = "See <b>your</b> order."
        wizard = self.wizard(
            self.about, user=self.owner, outcome="rejected", answer=text
        )
        self.assertIn("pay@bolt.example", wizard.recipient)
        with self.mock_mail_gateway():
            wizard.action_decide()
        self.assertEqual(self.about.state, "rejected")
        message = self.about.message_ids.filtered(
            lambda m: m.partner_ids == self.customer
        )
        self.assertIn("See &lt;b&gt;your&lt;/b&gt; order.", message.body)
        self.assertIn("remains due", message.body)
        self.assertIn(self.about.move_name, message.subject)

    def test_a_rejection_needs_words_and_an_address(self):
        with self.assertRaises(UserError):
            self.wizard(self.about, outcome="rejected").action_decide()
        self.customer.email = False
        wizard = self.wizard(self.about, outcome="rejected", answer="No.")
        with self.assertRaisesRegex(UserError, "e-mail"):
            wizard.action_decide()

    def test_a_rejection_is_told_on_paper_where_there_is_no_address(self):
        self.customer.write({"email": False, "lang": "en_US", "street": "Mill Lane 1"})
        self.patch(
            self.registry["ir.actions.report"],
            "get_wkhtmltopdf_state",
            lambda report: "install",
        )
        wizard = self.wizard(
            self.about,
            user=self.owner,
            outcome="rejected",
            answer="See <b>your</b> order.",
            is_sent=False,
            is_printed=True,
        )
        action = wizard.action_decide()
        self.assertEqual(self.about.state, "rejected")
        [file] = self.about.message_ids.attachment_ids
        self.assertIn(str(file.id), action["url"])
        page = file.raw.decode()
        for words in (
            "Mill Lane 1",
            "See &lt;b&gt;your&lt;/b&gt; order",
            "remains due",
        ):
            self.assertIn(words, page)
        self.assertNotIn("this e-mail", page)
        batch = self.engine["o2c.chase.letter.batch"].search([], limit=1)
        self.assertEqual((batch.letter_count, batch.user_id), (1, self.owner))
        self.assertEqual(batch.attachment_id.raw, file.raw)

    def test_what_is_not_decided_cannot_be_printed(self):
        with self.assertRaises(UserError):
            self.about.action_print_answer()
        self.about._decide("rejected", answer="No.")
        stranger = self.new_user("disp_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.about.with_user(stranger).action_print_answer()

    def test_the_dialog_shows_the_credit_note(self):
        action = self.wizard(self.about, amount_accepted=10).action_decide()
        self.assertEqual(action["res_model"], "account.move")
        self.assertEqual(self.about.outcome, "compromise")
        self.assertEqual(self.about.credit_move_id.amount_total, 10)

    def test_the_customers_answer_sets_the_clock_going(self):
        self.about.action_wait()
        asked = self.about.message_post(
            body="Which goods?",
            partner_ids=self.customer.ids,
            subtype_xmlid="mail.mt_comment",
        )
        mail = (
            "From: pay@bolt.example\nTo: billing@kessler.example\n"
            f"Subject: Re\nMessage-Id: <a1@bolt.example>\nIn-Reply-To: "
            f"{asked.message_id}\nContent-Type: text/plain\n\nThe <i>blue</i> ones."
        )
        with self.mock_mail_gateway():
            self.env["mail.thread"].sudo().message_process(False, mail)
        self.assertEqual(self.about.state, "open")
        answer = self.about.message_ids.filtered(
            lambda m: m.message_id == "<a1@bolt.example>"
        )
        self.assertIn("&lt;i&gt;blue", answer.body)

    def test_what_a_colleague_writes_does_not(self):
        self.about.action_wait()
        self.about.with_user(self.owner).message_post(body="Still waiting")
        self.assertEqual(self.about.state, "waiting")

    def test_every_step_is_in_the_history(self):
        self.about.action_wait()
        self.about.action_go_on()
        self.end(self.about, "rejected", answer="No.")
        self.about.action_reopen()
        events = self.env["o2c.event"].search(
            [("res_model", "=", "o2c.dispute"), ("res_id", "=", self.about.id)],
            order="id",
        )
        self.assertEqual(
            events.mapped("kind"),
            [
                "dispute_opened",
                "dispute_waiting",
                "dispute_goes_on",
                "dispute_closed",
                "dispute_reopened",
            ],
        )
