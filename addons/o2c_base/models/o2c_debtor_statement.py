from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..domain.statement import (
    FORMS,
    NOTHING_HAPPENED,
    NOTHING_OPEN,
    activity,
    open_items,
)
from ..tools.transaction import without_jit

FALLBACK_LANGUAGE = "en_US"


class O2cDebtor(models.Model):
    """The statement of a customer as of any date, for many customers at once.

    The open-item form lists what is open; the activity form what happened since a
    day, with opening and closing balance. Both close with the same amounts, each
    currency by itself.
    """

    _inherit = "o2c.debtor"

    statement_language = fields.Char(compute="_compute_statement_language")
    statement_reference = fields.Char(
        "Payment reference",
        compute="_compute_statement_reference",
        help="What the customer is asked to write on his payment.",
    )

    @api.depends("partner_id.lang", "company_id")
    def _compute_statement_language(self):
        """The customer's language if it is in use, else the company's."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for debtor in self.sudo():  # sudo: the contact may be another branch's
            wanted = (debtor.partner_id.lang, debtor.company_id.partner_id.lang)
            found = (code for code in wanted if code in installed)
            debtor.statement_language = next(found, FALLBACK_LANGUAGE)

    @api.depends("partner_id.ref")
    def _compute_statement_reference(self):
        """As core's own payment reference per customer reads."""
        for debtor in self.sudo():  # sudo: the contact may be another branch's
            partner = debtor.partner_id
            debtor.statement_reference = f"CUST/{partner.ref or partner.id}"

    # ------------------------------------------------------------------
    # The statement
    # ------------------------------------------------------------------

    def _statement(self, as_of=None, date_from=None, form="open_item"):
        """Statements of these accounts, in a constant number of queries.

        :param as_of: last day that counts, date or ISO string; None: today
        :param date_from: first day whose movements the activity form shows; None:
            all there are
        :param form: ``open_item`` or ``activity``
        :return: dict of account id to a dict with ``form, as_of, date_from, partner,
            company, language, reference`` and ``currencies``, a list of sections:
            see :mod:`~..domain.statement`; ``items`` are what is open in both forms
        :raise AccessError: when one of them is not the user's to read
        """
        self._check_statement_access()
        result = {}
        for company, debtors in self.grouped("company_id").items():
            # each company ages by its own buckets, and has its own today
            local = debtors.with_company(company)
            dates = local._statement_dates(as_of, date_from, form)
            result |= local._statement_of_company(*dates, form)
        return {debtor.id: result[debtor.id] for debtor in self}

    def _statement_of_company(self, as_of, date_from, form):
        without_jit(self.env.cr)
        items = _by_debtor(self._statement_items(as_of))
        with_moves = form == "activity"
        moves = _by_debtor(self._statement_movements(as_of) if with_moves else ())
        buckets = [key for key, _label in self._statement_buckets()]
        result = {}
        for debtor in self:
            opened = open_items(items.get(debtor.id, ()), buckets)
            happened = activity(moves.get(debtor.id, ()), date_from)
            result[debtor.id] = {
                "form": form,
                "as_of": as_of,
                "date_from": date_from,
                "debtor_id": debtor.id,
                "company_id": debtor.company_id.id,
                "language": debtor.statement_language,
                "reference": debtor.statement_reference,
                "currencies": self._statement_sections(opened, happened, with_moves),
            }
        return result

    @api.model
    def _statement_buckets(self):
        """(key, label) of the ageing buckets of the company in use."""
        model = self.env["o2c.open.item"]
        return model._fields["bucket"]._description_selection(self.env)

    def _check_statement_access(self):
        """Who reads an account reads its statement, if he works for the whole of it.

        A statement lists the entries of all branches.
        """
        self.check_access("read")
        if self.env.su:
            return
        closed = self.company_id - self.env.user.company_ids
        if closed:
            raise AccessError(
                self.env._(
                    "Statements show what %s and all its branches are owed: ask "
                    "somebody who works for it.",
                    closed[0].sudo().name,  # sudo: the name of a root company
                )
            )

    def _statement_dates(self, as_of, date_from, form):
        """The days as dates.

        :raise UserError: when they are no dates, or the first is after the last
        """
        if form not in FORMS:
            raise UserError(self.env._("A statement has no form %s.", form))
        read = self.env["o2c.open.item"]._as_of_date
        today = self.env.company._o2c_today()
        last, first = read(as_of) or today, read(date_from) or None
        if form == "open_item":
            return last, None
        if first and first > last:
            raise UserError(
                self.env._(
                    "The statement would begin on %(first)s and end before, on "
                    "%(last)s. Choose an earlier first day.",
                    first=first,
                    last=last,
                )
            )
        return last, first

    def _statement_sections(self, opened, happened, with_moves):
        """One section per currency, the open items with or without movements."""
        currencies = self.env["res.currency"].browse(opened.keys() | happened.keys())
        sections = []
        for currency in currencies.sorted("name"):
            items = opened.get(currency.id, NOTHING_OPEN)
            section = {"currency_id": currency.id, "currency": currency.name, **items}
            if with_moves:
                section["items"] = items["lines"]
                section |= happened.get(currency.id, NOTHING_HAPPENED)
            if section["lines"] or section["closing"] or section.get("opening"):
                sections.append(section)
        return sections


def _by_debtor(rows):
    found = {}
    for row in rows:
        found.setdefault(row["debtor_id"], []).append(row)
    return found
