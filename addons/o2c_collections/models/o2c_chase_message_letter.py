import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.o2c_base.tools.transaction import RETRIABLE, try_in_new_transaction

from ..domain.reasons import HOLDING

_logger = logging.getLogger(__name__)

PAGE = "o2c_collections.report_letter_document"
#: Letters that one PDF takes; more are printed in portions.
LETTERS_MAX = 200
#: Local days after which a letter that nobody printed gives way to another channel.
LETTER_DAYS_MAX = 14


class O2cChaseMessage(models.Model):
    """Letters: they wait until somebody prints them, all in one PDF, and posts them.

    Printing is what sends a letter: its facts are looked at once more, then it is in
    the PDF and counted as sent in the same transaction. A PDF can be fetched again as
    often as the printer jams; that counts nothing twice.
    """

    _inherit = "o2c.chase.message"

    batch_id = fields.Many2one(
        "o2c.chase.letter.batch",
        "Printed with",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    def action_print_letters(self):
        """Print the letters that are chosen, or all that wait, in one PDF."""
        self.check_access("read")
        self.env["o2c.chase.letter.batch"]._check_may_print()
        chosen = self or self._letters_waiting()
        letters = chosen.filtered(lambda m: m.channel == "letter").sorted("id")
        waiting = letters.filtered(lambda letter: letter.state == "outgoing")
        if not waiting:
            raise UserError(
                self.env._(
                    "There is no letter to print among these. What was printed before "
                    "is under Printed letters."
                )
            )
        if not self._may_send() or not all(waiting.company_id.mapped("o2c_sending")):
            raise UserError(
                self.env._(
                    "Contacting customers is switched off: no letter is printed."
                )
            )
        if len(waiting) > LETTERS_MAX:
            raise UserError(
                self.env._("Choose at most %s letters at a time.", LETTERS_MAX)
            )
        if len(waiting.company_id) > 1:
            raise UserError(self.env._("Print the letters of one company at a time."))
        # sudo: messages are the engine's; who may print them was checked
        return self.env["o2c.chase.letter.batch"].sudo()._print(waiting.sudo())

    @api.model
    def _letters_waiting(self):
        """The letters of the user's company that wait, as many as one PDF takes."""
        root = self.env.company._o2c_root()
        domain = [
            ("channel", "=", "letter"),
            ("state", "=", "outgoing"),
            ("company_id", "=", root.id),
        ]
        return self.search(domain, order="id", limit=LETTERS_MAX)

    def _claim_letters(self, problems):
        """Take the letters that still hold, and drop the others with their reason.

        Of two people who print at once each gets letters that the other does not.

        :param dict problems: gets each letter that cannot be printed, with the reason
        :return: dict of each letter to print to its page
        """
        locked = self.try_lock_for_update(allow_referencing=True)
        waiting = locked.filtered(lambda letter: letter.state == "outgoing")
        facts = waiting._facts_now()
        pages = {
            letter: letter._try(lambda it: it._claim_letter(facts), problems)
            for letter in waiting
        }
        return {letter: page for letter, page in pages.items() if page}

    def _claim_letter(self, facts):
        """The page of a letter that holds; else it is dropped, or waits."""
        reason = self._reason_not_to_send(facts)
        if reason and reason not in HOLDING:
            self._set_cancelled(reason)
        elif reason == "contact_cap":
            self._hold_back(reason, facts[self.id][0])
        else:
            return self._letter_page()
        return False

    def _try(self, call, problems):
        """Do something with letters, all or nothing; a bad one stops no other.

        :param call: function of the letters
        :return: what it returned; False where it failed
        """
        try:
            with self.env.cr.savepoint():
                return call(self)
        except RETRIABLE:
            raise
        except Exception as error:
            _logger.warning("%s cannot be printed: %s", self, error)
            _logger.debug("Where it failed", exc_info=True)
            problems.update(dict.fromkeys(self, str(error) or type(error).__name__))
        return False

    def _count_as_sent(self):
        """Printing is sending: the letters' steps are done."""
        for letter in self:
            letter._set_sending()
        self._set_sent()
        return self

    # ------------------------------------------------------------------
    # Letters that nobody prints
    # ------------------------------------------------------------------

    @api.model
    def _end_unprinted(self):
        """Let the steps go on whose letters were left lying: one by one, and for good.

        The letter is cancelled, and its step falls back to a call or a task.
        """
        lying = self.search(self._unprinted_domain(), order="id", limit=LETTERS_MAX)
        for letter_id in lying.ids:
            try_in_new_transaction(
                self.env,
                lambda env, letter_id=letter_id: (
                    env[self._name].browse(letter_id)._end_if_unprinted()
                ),
                f"Ending the letter {letter_id} that nobody printed",
            )

    @api.model
    def _unprinted_domain(self):
        """Letters that may be too old; nothing changes while contact is off."""
        companies = self.env["res.company"].search([("o2c_sending", "=", True)])
        longest = timedelta(LETTER_DAYS_MAX)
        waits = Domain("channel", "=", "letter") & Domain("state", "=", "outgoing")
        waits &= Domain("not_before", "=", False) | Domain(
            "not_before", "<", fields.Datetime.now() - longest
        )
        return waits & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date", "<", company._o2c_today() - longest)
            for company in companies
        )

    def _end_if_unprinted(self):
        """Cancel it, unless somebody prints it at this moment."""
        letter = self.try_lock_for_update(allow_referencing=True)
        if letter.state == "outgoing" and letter._is_too_old():
            letter._set_cancelled("not_printed")

    def _letter_page(self):
        """The page of one letter, in its language."""
        qweb = self.env["ir.qweb"].with_context(lang=self.language)
        return qweb._render(PAGE, {"letter": self._letter_values()})

    def _letter_values(self):
        """What the page of a letter shows besides its words."""
        company = self.company_id
        zoned = self.with_context(lang=self.language)
        return {
            "language": self.language,
            "company": company,
            "company_lines": address_lines(company.partner_id._display_address()),
            "address": [self.partner_id.name or self.debtor_id.partner_id.name]
            + address_lines(self.partner_id._display_address(without_company=True)),
            "date": zoned._format_date(company._o2c_today()),
            "subject": self.subject,
            "body": self.body_html,
        }


def address_lines(text):
    """The lines of an address that have something in them."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
