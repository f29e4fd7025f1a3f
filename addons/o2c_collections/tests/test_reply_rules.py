import doctest
from datetime import date

from odoo.tests import BaseCase, tagged

from ..domain import auto_reply, card_numbers, reply_dates, reply_rules, reply_text

MONDAY = date(2026, 6, 15)
#: What customers write, and what it seems to say: (kind, day) or nothing.
PHRASES = {
    "We will pay on Friday.": ("promise", "2026-06-19"),
    "Payment will be made on 20 June.": ("promise", "2026-06-20"),
    "The invoice will be paid by the end of the month.": ("promise", "2026-06-30"),
    "You will get the money next week.": ("promise", "2026-06-26"),
    "The transfer goes out tomorrow": ("promise", "2026-06-16"),
    "I'll settle this in 10 days": ("promise", "2026-06-25"),
    "Wir überweisen den Betrag am 22. Juni.": ("promise", "2026-06-22"),
    "Die Zahlung erfolgt am Freitag.": ("promise", "2026-06-19"),
    "Zahlung bis Monatsende.": ("promise", "2026-06-30"),
    "Der Rechnungsbetrag wird mit dem nächsten Zahlungslauf am 18.06. angewiesen.": (
        "promise",
        "2026-06-18",
    ),
    "Ich bezahle morgen.": ("promise", "2026-06-16"),
    "Guten Morgen, wir zahlen bald.": None,
    "We cannot pay before 20 June.": None,
    "We will not pay on Friday.": None,
    "Wir können am Freitag nicht zahlen.": None,
    "Can you extend until 20 June?": None,
    "Did you get the payment on Friday?": None,
    "If we get paid on Friday we will pay you.": None,
    "We have already paid this.": ("paid", None),
    "This was paid last week.": ("paid", None),
    "Paid yesterday.": ("paid", None),
    "We paid on 10 June.": ("paid", None),
    "The payment was made on 10 June.": ("paid", None),
    "Payment has been sent.": ("paid", None),
    "Bereits bezahlt.": ("paid", None),
    "Die Rechnung ist bezahlt.": ("paid", None),
    "Wir haben den Betrag am 10.06. überwiesen.": ("paid", None),
    "Die Zahlung ist bereits erfolgt.": ("paid", None),
    "Wurde heute überwiesen": ("paid", None),
    "We have not paid this.": None,
    "We haven't paid yet.": None,
    "It has not been paid.": None,
    "The invoice is still unpaid.": None,
    "It will be paid.": None,
    "We will let you know once it is paid.": None,
    "Has this been paid?": None,
    "Wir haben noch nicht bezahlt.": None,
    "Die Rechnung wurde noch nicht überwiesen.": None,
    "Die Rechnung wird bezahlt.": None,
    "Sobald wir bezahlt haben, melden wir uns.": None,
    "Ist unbezahlt.": None,
    "The amount is wrong.": ("dispute", None),
    "We dispute this invoice.": ("dispute", None),
    "The goods were damaged, please send a credit note.": ("dispute", None),
    "We have not received the goods.": ("dispute", None),
    "We never ordered this.": ("dispute", None),
    "We do not agree with the price.": ("dispute", None),
    "Die Rechnung ist falsch.": ("dispute", None),
    "Der Betrag stimmt nicht.": ("dispute", None),
    "Wir haben die Lieferung reklamiert.": ("dispute", None),
    "Damit sind wir nicht einverstanden.": ("dispute", None),
    "Die Ware haben wir nicht erhalten.": ("dispute", None),
    "Wir widersprechen der Rechnung.": ("dispute", None),
    "There is nothing wrong with it.": None,
    "We do not dispute the invoice.": None,
    "Keine Reklamation von unserer Seite.": None,
    "Es gibt keine Mängel.": None,
    "Please send a copy of the invoice.": None,
    "Thank you.": None,
    "Bitte senden Sie uns die Rechnung erneut.": None,
    "We paid invoice 1, the price of invoice 2 is wrong.": ("dispute", None),
    "We paid the first one yesterday and will pay the rest on Friday.": (
        "promise",
        "2026-06-19",
    ),
    "I am back on Friday.": None,
    "Please call me on Friday about the payment.": None,
    "We are expecting money on Friday": None,
    "Wir haben Ihre Mahnung erhalten und heute bezahlt.": ("paid", None),
    "I think you are wrong: we have paid in May.": ("dispute", None),
    "You are not wrong.": None,
    "Not paid. Will pay Friday.": ("promise", "2026-06-19"),
    "Zahlen wir am Freitag.": ("promise", "2026-06-19"),
    "ok, paid": ("paid", None),
    "erledigt, ist überwiesen": ("paid", None),
    "Das wurde doch schon im Mai beglichen!": ("paid", None),
    "Ich habe nichts bestellt und zahle nicht.": None,
    "The money is on its way.": ("paid", None),
    "No, we paid.": ("paid", None),
    "Nein, bereits bezahlt.": ("paid", None),
    "Wir zahlen nicht vor dem 20.06.": None,
    "paid on 12/06": ("paid", None),
}


@tagged("post_install", "-at_install")
class TestReplyRules(BaseCase):
    """The rules on words are plain Python: their examples, and many phrases."""

    def test_doctests(self):
        for module in (auto_reply, card_numbers, reply_dates, reply_rules, reply_text):
            with self.subTest(module.__name__):
                self.assertEqual(doctest.testmod(module).failed, 0)

    def test_phrases(self):
        for text, expected in PHRASES.items():
            with self.subTest(text):
                found = reply_rules.suggest(text, MONDAY)
                day = found and found.day and str(found.day)
                self.assertEqual(found and (found.kind, day), expected)

    def test_quoted_text_says_nothing(self):
        for quote in (
            "> {}",
            "On Mon, 2 Mar 2026, Clara wrote:\n{}",
            "-----Original Message-----\n{}",
            "Von: Clara\nGesendet: Montag\n{}",
        ):
            for text in PHRASES:
                mail = "Thank you.\n\n" + quote.format(text)
                self.assertIsNone(reply_rules.suggest(mail, MONDAY), mail)

    def test_an_american_puts_the_month_first(self):
        text = "We will pay on 07/08/2026."
        days = [
            reply_rules.suggest(text, MONDAY, month_first=first).day
            for first in (True, False)
        ]
        self.assertEqual(days, [date(2026, 7, 8), date(2026, 8, 7)])
