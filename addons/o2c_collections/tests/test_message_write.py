from datetime import timedelta
from unittest.mock import patch

from lxml import etree, html
from markupsafe import Markup

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import TranslationImporter

from ..models.o2c_chase_message_render import BODY_MARK, SUBJECT_MARK
from ..tools.together import Together
from .message_common import MessageCase

#: Queries that one more message to write may cost; it cost none when measured.
QUERIES_EACH = 1
#: What core keeps of a message on a timeline.
POSTED = [
    "author_guest_id",
    "author_id",
    "body",
    "email_add_signature",
    "email_from",
    "email_layout_xmlid",
    "is_internal",
    "message_type",
    "model",
    "parent_id",
    "partner_ids",
    "record_alias_domain_id",
    "record_company_id",
    "reply_to",
    "reply_to_force_new",
    "res_id",
    "subject",
    "subtype_id",
]


@tagged("post_install", "-at_install")
class TestMessageWrite(MessageCase):
    def test_a_run_writes_one_message_with_everything_that_is_overdue(self):
        first = self._invoice(1200.0, days_late=20, ref="PO-77")
        second = self._invoice(34.5, days_late=5)
        message = self._chase()
        self.assertRecordValues(
            message,
            [
                {
                    "debtor_id": self._debtor().id,
                    "partner_id": self.customer.id,
                    "recipient": "pay@bolt.example",
                    "company_id": self.company.id,
                    "state": "outgoing",
                    "channel": "email",
                    "language": "en_US",
                }
            ],
        )
        self.assertEqual(message.date, self.company._o2c_today())
        self.assertEqual(
            [item["number"] for item in message.figures["items"]],
            [first.name, second.name],
        )
        self.assertEqual(
            [(t["currency"], t["amount"]) for t in message.figures["totals"]],
            [(self.company.currency_id.name, 1234.5)],
        )
        self.assertEqual(message.action_ids.mapped("state"), ["queued"])
        self.assertEqual(self._events(message), ["message_written"])

    def test_the_letter_shows_items_credits_and_totals_per_currency(self):
        other = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._invoice(1200.0, days_late=20)
        self._invoice(500.0, days_late=10, currency_id=other.id)
        self._invoice(200.0, days_late=3, move_type="out_refund")
        message = self._chase()
        table = html.fromstring(message.body_html).find_class("o2c_items")[0]
        cells = [
            [cell.text_content().strip() for cell in row.findall("td")]
            for row in table.iter("tr")
            if row.findall("td")
        ]
        amounts = [row[-1] for row in cells]
        self.assertEqual(
            amounts,
            ["1,200.00 USD", "500.00 EUR", "-200.00 USD", "1,000.00 USD", "500.00 EUR"],
        )
        self.assertEqual(cells[2][2], "Credit")
        self.assertTrue(message.mail_id.body_html.startswith("<!DOCTYPE html>"))
        self.assertEqual(cells[0][3], "20")
        self.assertIn("Total: 1,000.00 USD\nTotal: 500.00 EUR", message.body_text)
        self.assertIn("1,000.00 USD and 500.00 EUR", message.subject)

    def test_the_timeline_shows_a_list_instead_of_the_wide_table(self):
        self.customer.name = "<b>Bolt</b> & Co"
        invoice = self._invoice(1200.0, days_late=20, ref="<i>PO</i>")
        message = self._chase()
        tree = html.fromstring(str(message.mail_message_id.body))
        self.assertFalse(list(tree.iter("table")))
        [item, total] = [line.text_content() for line in tree.iter("li")]
        for words in (invoice.name, "<i>PO</i>", "1,200.00 USD", "days late: 20"):
            self.assertIn(words, " ".join(item.split()))
        self.assertIn("1,200.00 USD", total)
        self.assertIn("<b>Bolt</b> & Co", tree.text_content(), "text, not markup")

    def test_a_credit_in_another_currency_is_no_amount_to_pay(self):
        other = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._invoice(1200.0, days_late=20)
        self._invoice(50.0, days_late=3, move_type="out_refund", currency_id=other.id)
        message = self._chase()
        self.assertTrue(message.subject.endswith(": 1,200.00 USD"), message.subject)
        self.assertIn("Total: -50.00 EUR", message.body_text)

    def test_all_letters_render_in_both_languages(self):
        self._load_german()
        self._invoice(1200.0, days_late=20)
        message = self._chase()
        answer = message.date + timedelta(days=7)
        for language, day in (
            ("en_US", f"{answer:%m/%d/%Y}"),
            ("de_DE", f"{answer:%d.%m.%Y}"),
        ):
            for step in self.plan.step_ids:
                with self.subTest(language=language, level=step.level):
                    subject, body = message._render_letter(step.template_id, language)
                    text = message._to_text(body, language)
                    self.assertIn("Kessler Valves", subject)
                    self.assertNotRegex(subject + text, r"\bobject\b|\{\{|False|None")
                    self.assertIn("Bolt & Sons", text)
                    self.assertEqual(day in text, step.level > 1)

    def test_the_plain_text_is_written_not_stripped(self):
        self._invoice(1200.0, days_late=20, ref="PO-77")
        self._invoice(5.0, days_late=2)
        text = self._chase().body_text
        lines = text.splitlines()
        header = next(n for n, line in enumerate(lines) if line.startswith("Number"))
        table = lines[header : header + 4]
        self.assertEqual(len({len(line) for line in table}), 1, text)
        self.assertTrue(table[2].endswith("1,200.00 USD"), text)
        self.assertIn("PO-77", table[2])
        self.assertTrue(text.startswith("Hello Bolt & Sons,\n\n"), text)
        self.assertNotRegex(text, r"<|&amp;|\[1\]|\*\*")

    def test_core_s_message_and_mail_carry_it(self):
        self._invoice()
        message = self._chase()
        mail, posted = message.mail_id, message.mail_message_id
        self.assertRecordValues(
            mail,
            [
                {
                    "is_notification": True,
                    "auto_delete": False,
                    "state": "outgoing",
                    "email_to": '"Bolt & Sons" <pay@bolt.example>',
                    "mail_message_id": posted.id,
                }
            ],
        )
        self.assertEqual(
            (posted.model, posted.res_id), ("o2c.debtor", self._debtor().id)
        )
        self.assertEqual(message.message_id_header, posted.message_id)
        self.assertIn(f"-openerp-{self._debtor().id}-o2c.debtor@", posted.message_id)
        self.assertRecordValues(
            posted.notification_ids,
            [
                {
                    "res_partner_id": self.customer.id,
                    "mail_mail_id": mail.id,
                    "notification_status": "ready",
                    "notification_type": "email",
                }
            ],
        )

    def test_followers_get_no_copy(self):
        self._invoice()
        self._chase()
        follower = self._create_customer("Follower", "follower@example.com")
        self._debtor().message_subscribe(follower.ids)
        self._invoice(partner=follower)
        message = self._chase()
        mails = self.root_env["mail.mail"].search([("email_to", "ilike", "follower")])
        self.assertEqual(mails, message.mail_id)
        self.assertFalse(mails.filtered("recipient_ids"))

    def test_a_letter_is_in_the_reader_s_language(self):
        self._load_german()
        self.customer.lang = "de_DE"
        self._invoice(1200.0, days_late=20)
        message = self._chase()
        self.assertEqual(message.language, "de_DE")
        self.assertIn("Zahlungserinnerung", message.subject)
        self.assertIn("1.200,00 USD", message.subject)
        self.assertIn("Guten Tag Bolt & Sons", message.body_text)
        self.assertIn("Offener Betrag", message.body_text)
        self.assertIn("Offener Betrag", message.body_html)
        self.assertNotIn("Open amount", message.body_html)
        self.assertIn('lang="de-DE"', message.body_html)

    def _load_german(self):
        self.root_env["res.lang"]._activate_lang("de_DE")
        importer = TranslationImporter(self.env.cr)
        importer.load_file(file_path("o2c_collections/i18n/de.po"), "de_DE")
        importer.save(overwrite=True)

    def test_an_inactive_language_falls_back_to_the_company_s(self):
        self.customer.lang = False
        self.company.partner_id.lang = "en_US"
        self._invoice()
        self.assertEqual(self._chase().language, "en_US")

    def test_data_is_never_rendered_twice(self):
        hostile = "{{ 7*7 }} <b>${7*7}</b> <t t-out='7*7'/>"
        self.customer.name = hostile
        self._invoice(ref="{{ object.id }}<script>")
        message = self._chase()
        self.assertIn("{{ 7*7 }}", message.body_text)
        self.assertIn(hostile, message.body_text)
        self.assertTrue(message.body_text.startswith(f"Hello {hostile},"))
        self.assertNotIn("<script>", message.body_html)
        self.assertNotIn("<b>${", message.body_html)
        self.assertIn("{{ object.id }}<script>", message.body_text)

    def test_a_line_break_in_a_name_does_not_reach_a_header(self):
        self.customer.name = "Bolt\r\nBcc: all@example.com"
        self._invoice()
        message = self._chase()
        server = self._send(["ok"])
        self.assertEqual(message.state, "sent")
        [sent] = server.accepted
        self.assertIsNone(sent["Bcc"])
        self.assertNotIn("\n", message.mail_id.email_to)

    def test_sender_is_the_collector_at_the_company_s_domain(self):
        self._invoice()
        self._chase_nobody()
        debtor = self._debtor()
        cases = [
            (
                self.collector,
                "clara@kessler.example",
                '"Clara Collector" <clara@kessler.example>',
            ),
            (
                self.collector,
                "clara@gmail.example",
                '"Clara Collector" <billing@kessler.example>',
            ),
            (self.collector, False, '"Clara Collector" <billing@kessler.example>'),
            (self.env["res.users"], None, '"Kessler Valves" <billing@kessler.example>'),
        ]
        message = self.root_env["o2c.chase.message"].new(
            {"debtor_id": debtor.id, "company_id": self.company.id}
        )
        for user, email, sender in cases:
            with self.subTest(email=email):
                if user:
                    user.partner_id.email = email
                debtor.collector_id = user
                self.assertEqual(message._sender(), sender)

    def test_who_acts_for_an_absent_collector_signs(self):
        self._invoice()
        self._chase_nobody()
        substitute = new_test_user(
            self.root_env,
            login="substitute",
            name="Sven Substitute",
            email="sven@kessler.example",
            groups="o2c_base.group_collector",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        debtor = self._debtor()
        debtor.collector_id = self.collector
        message = self.root_env["o2c.chase.message"].new(
            {"debtor_id": debtor.id, "company_id": self.company.id}
        )
        self.assertIn("Clara", message._sender())
        today = self.company._o2c_today()
        self.root_env["o2c.collector.absence"].create(
            {
                "user_id": self.collector.id,
                "substitute_id": substitute.id,
                "company_id": self.company.id,
                "date_from": today,
                "date_to": today,
            }
        )
        self.assertEqual(message._sender(), '"Sven Substitute" <sven@kessler.example>')
        later = message.new({"debtor_id": debtor.id, "company_id": self.company.id})
        self.assertEqual(later.sender_name, "Sven Substitute")

    def _chase_nobody(self):
        """Have debtors without messages."""
        with self.enter_registry_test_mode():
            self.root_env["o2c.debtor"]._refresh_now()

    def test_the_collector_may_write_from_the_alias_domain(self):
        self._invoice()
        self._chase_nobody()
        domain = self.root_env["mail.alias.domain"].create(
            {"name": "mail.kessler.example"}
        )
        self.company.alias_domain_id = domain
        self.collector.partner_id.email = "clara@mail.kessler.example"
        self._debtor().collector_id = self.collector
        message = self.root_env["o2c.chase.message"].new(
            {"debtor_id": self._debtor().id, "company_id": self.company.id}
        )
        self.assertEqual(
            message._sender(), '"Clara Collector" <clara@mail.kessler.example>'
        )

    def test_a_company_without_address_is_told_what_to_do(self):
        self._invoice()
        self._chase_nobody()
        self.company.email = False
        message = self.root_env["o2c.chase.message"].new(
            {"debtor_id": self._debtor().id, "company_id": self.company.id}
        )
        with self.assertRaisesRegex(UserError, "Settings > Companies"):
            message._sender()

    def test_replies_come_back_to_the_catchall_of_the_company(self):
        self.company.alias_domain_id = self.root_env["mail.alias.domain"].create(
            {"name": "kessler.example", "catchall_alias": "catchall"}
        )
        self._invoice()
        message = self._chase()
        self.assertIn("catchall@kessler.example", message.mail_id.reply_to)
        server = self._send(["ok"])
        self.assertIn("catchall@kessler.example", server.accepted[0]["Reply-To"])

    def test_a_broken_template_is_reported_by_name(self):
        template = self.plan.step_ids[0].template_id
        template.body_html = '<p t-out="object.no_such_field"/>'
        self._invoice()
        self.assertFalse(self._chase())
        action = self.root_env["o2c.chase.action"].search([], limit=1, order="id desc")
        self.assertEqual((action.state, action.reason), ("skipped", "template_error"))
        self.assertIn(template.name, action.error)

    def test_one_message_per_customer_day_and_address(self):
        self._invoice()
        message = self._chase()
        action = message.action_ids
        twin = action.copy({"cycle": action.cycle + 1, "state": "claimed"})
        # Still outgoing: the second step joins.
        joined = self.root_env["o2c.chase.message"]._write_for(twin)
        self.assertEqual(joined, message)
        self.assertEqual(message.action_ids, action | twin)
        # Sent: the third one waits for tomorrow.
        self._send()
        self.assertEqual(message.state, "sent")
        third = action.copy({"cycle": action.cycle + 2, "state": "claimed"})
        self.assertFalse(self.root_env["o2c.chase.message"]._write_for(third))
        self.assertEqual(third.state, "claimed")

    def test_a_cancelled_message_makes_room_for_a_new_one(self):
        self._invoice()
        message = self._chase()
        message._set_cancelled("paid")
        again = self._chase()
        self.assertNotEqual(again, message)
        self.assertEqual(again.state, "outgoing")
        self.assertEqual(message.action_ids.state, "skipped")


LINK = Markup('<a href="/my">%s</a>')


@tagged("post_install", "-at_install")
class TestMessageWriteTogether(MessageCase):
    """Many customers are written to at once, and as each would be alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.alias_domain_id = cls.root_env["mail.alias.domain"].create(
            {"name": "kessler.example", "catchall_alias": "catchall"}
        )

    def _late_customers(self, count, prefix="C"):
        for number in range(count):
            name = f"{prefix}{number}"
            partner = self._create_customer(name, f"{name}@c.example")
            self._invoice(partner=partner)

    def _chase_counted(self):
        before = self.env.cr.sql_log_count
        messages = self._chase()
        return messages, self.env.cr.sql_log_count - before

    def test_a_further_message_costs_few_queries(self):
        self._late_customers(2, "warm")
        self._chase()
        self._late_customers(3, "few")
        few, few_queries = self._chase_counted()
        self._late_customers(13, "many")
        many, many_queries = self._chase_counted()
        self.assertEqual((len(few), len(many)), (3, 13))
        self.assertLessEqual((many_queries - few_queries) / 10, QUERIES_EACH)

    def test_a_template_is_compiled_once_for_all(self):
        self._late_customers(4)
        qweb = self.env.registry["ir.qweb"]
        compiled = []
        core = next(
            cls for cls in qweb.mro() if cls.__module__.endswith("base.models.ir_qweb")
        )
        original = core._generate_code

        def generate(model, template):
            compiled.append(template)
            return original(model, template)

        with patch.object(core, "_generate_code", generate):
            self.assertEqual(len(self._chase()), 4)
        ours = [each for each in compiled if isinstance(each, etree._Element)]
        # to see whether its expressions are harmless, and to fill it in
        self.assertLessEqual(len(ours), 2)

    def test_each_gets_a_letter_of_his_own(self):
        self._late_customers(3)
        for message in self._chase():
            name = message.partner_id.name
            with self.subTest(name):
                self.assertIn(f"Hello {name},", message.body_text)
                self.assertIn(name, message.mail_id.body_html)
                self.assertIn(name, message.mail_message_id.body)
                self.assertEqual(
                    message.mail_id.email_to, f'"{name}" <{message.recipient}>'
                )
                self.assertEqual(message.mail_message_id.res_id, message.debtor_id.id)
                self.assertEqual(message.action_ids.state, "queued")
                self.assertEqual(self._events(message), ["message_written"])

    def test_the_frame_is_made_once_and_takes_nothing_for_its_own(self):
        self._late_customers(2)
        messages = self._chase()
        qweb = self.env.registry["ir.qweb"]
        original, rendered = qweb._render, []

        def render(model, template, *args, **options):
            rendered.append(template)
            return original(model, template, *args, **options)

        together = messages.with_context(o2c_together=Together())
        with patch.object(qweb, "_render", render):
            pages = [
                message._lay_out(body, subject, "en_US")
                for message, body, subject in (
                    (together[0], LINK % SUBJECT_MARK, "<b> & more"),
                    (
                        together[1],
                        Markup("<p>Second</p>"),
                        f"{BODY_MARK} {SUBJECT_MARK}",
                    ),
                    (together[1], Markup("<p>%s</p>") % BODY_MARK, "Third"),
                )
            ]
            plain = together[0]._lay_out("<i>", "Text is no markup", "en_US")
        self.assertEqual(rendered, ["o2c_collections.chase_message_layout"])
        base = messages[0].get_base_url()
        self.assertIn(f'<a href="{base}/my">{SUBJECT_MARK}</a>', pages[0])
        self.assertIn("<title>&lt;b&gt; &amp; more</title>", pages[0])
        self.assertIn(f"<title>{BODY_MARK} {SUBJECT_MARK}</title>", pages[1])
        self.assertIn(f"<p>{BODY_MARK}</p>", pages[2])
        self.assertIn("&lt;i&gt;", plain)
        for page in pages:
            self.assertEqual(page.count(self.company.name), 2, "above and below")
            self.assertTrue(page.startswith("<!DOCTYPE html>"))

    def test_local_links_are_found_wherever_core_finds_them(self):
        mixin = self.env["mail.render.mixin"]
        for markup in (
            '<a href="/my">x</a>',
            '<img alt="" src="/web/image/1"/>',
            '<td background="/web/image/1">x</td>',
            """<p style="background-image: url('/web/image/1')">x</p>""",
        ):
            with self.subTest(markup):
                self.assertIn(
                    "https://o.example/",
                    mixin._replace_local_links(markup, "https://o.example"),
                )
        for markup in (Markup("<p>None</p>"), "text", "", False):
            self.assertIs(mixin._replace_local_links(markup), markup)

    def test_it_is_posted_as_core_posts(self):
        """What core's own methods make of the same words is the same."""
        self._late_customers(2)
        for debtor in self._chase().debtor_id:
            debtor.message_post(body="A note")
            debtor.message_post(
                body="An answer", message_type="email", subtype_xmlid="mail.mt_comment"
            )
        for number in range(2):
            partner = self.root_env["res.partner"].search([("name", "=", f"C{number}")])
            self._invoice(partner=partner, days_late=20)
        for message in self.root_env["o2c.chase.message"].search([]):
            message._set_cancelled("paid")
        again = self._chase()
        self.assertEqual(len(again), 2)
        for message in again:
            self._compare(message)

    def _compare(self, message):
        posted, debtor = message.mail_message_id, message._silent_debtor()
        self.assertEqual(
            message.mail_id.references,
            debtor._notify_by_email_get_base_mail_values(posted, [])["references"],
        )
        values = posted.read(POSTED)[0]
        message.mail_message_id = False
        message.mail_id.unlink()
        posted.notification_ids.unlink()
        posted.unlink()
        other = debtor.message_post(
            body=Markup(values["body"]),  # noqa: S704 our own
            subject=message.subject,
            message_type="email_outgoing",
            subtype_xmlid="mail.mt_comment",
            author_id=message._author().id,
            email_from=message._sender(),
            email_add_signature=False,
            notify_skip_followers=True,
        )
        expected = other.read(POSTED)[0]
        for name in POSTED:
            with self.subTest(name):
                self.assertEqual(values[name], expected[name])
