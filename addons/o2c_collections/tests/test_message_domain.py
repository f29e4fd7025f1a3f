import doctest
import random
import string

from odoo.tests import BaseCase, tagged

from ..domain import items_text, letter_text, retry_ladder, smtp_verdict


@tagged("post_install", "-at_install")
class TestMessageDomain(BaseCase):
    def test_the_examples_in_the_rules_hold(self):
        for module in (items_text, letter_text, retry_ladder, smtp_verdict):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)

    def test_a_verdict_is_never_sent_unless_the_text_was_accepted(self):
        for stage in smtp_verdict.STAGES:
            for code in range(-1, 700):
                outcome = smtp_verdict.judge(stage, code).outcome
                is_accepted = stage == "content" and 200 <= code < 300
                self.assertEqual(outcome == "sent", is_accepted, (stage, code))

    def test_only_silence_after_the_text_is_unknown(self):
        for stage in smtp_verdict.STAGES:
            for code in (-1, 0, *range(200, 600)):
                if smtp_verdict.judge(stage, code).outcome == "unknown":
                    self.assertEqual(stage, "content")
                    self.assertFalse(200 <= code < 300 or 400 <= code < 600, code)

    def test_table_lines_are_equally_wide_whatever_the_cells_hold(self):
        # Random cells with wide, combining and control characters.
        chance = random.Random(20260302)  # noqa: S311
        alphabet = string.printable + "äöü株式会社\u0301\u202e\x00"
        for _round in range(200):
            columns = chance.randint(1, 6)
            rows = [
                ["".join(chance.choices(alphabet, k=chance.randint(0, 40))) + "|"]
                * columns
                for _row in range(chance.randint(0, 5))
            ]
            table = items_text.text_table(["h|"] * columns, rows, set(range(columns)))
            widths = {items_text.width(line) for line in table.split("\n")}
            self.assertEqual(len(widths), 1, table)
