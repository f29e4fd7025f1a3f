from functools import cache

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang
from odoo.tools.image import image_data_uri

from ..domain.paging import Chunk, paginate

#: So many customers fit into one print; more are printed in portions.
CUSTOMERS_MAX = 500
#: Bank accounts named per currency.
ACCOUNTS_MAX = 2
#: Letters of a line in the columns of documents and references; how much higher a
#: row is with one more line.
CELL_LETTERS = 28
MORE_LINE = 0.7


class ReportStatement(models.AbstractModel):
    """Statements as pages: figures in words and numbers of each reader's language."""

    _name = "report.o2c_base.report_statement"
    _description = "Statement"

    @api.model
    def _get_report_values(self, docids, data=None):
        """What the template shows.

        :param docids: ids of customer accounts; where the client sends options, it
            sends the ids among them
        :param data: ``debtor_ids, as_of, date_from, form, asks_confirmation``
        """
        data = data or {}
        ids = docids or data.get("debtor_ids") or self.env.context.get("active_ids")
        debtors = self.env["o2c.debtor"].browse(self._checked_ids(ids))
        statements = debtors._statement(
            as_of=data.get("as_of"),
            date_from=data.get("date_from"),
            form=data.get("form") or "open_item",
        )
        documents = self._prepare_documents(
            debtors, statements, bool(data.get("asks_confirmation"))
        )
        for document in documents if data.get("report_type") == "pdf" else ():
            _cut_into_pages(document["sections"])
        return {"documents": documents}

    @api.model
    def _checked_ids(self, ids):
        """The ids of accounts that an address or a caller named.

        :raise UserError: when they are no ids, or more than one print takes
        """
        try:
            numbers = [int(number) for number in ids or ()]
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("%(ids)s are no ids.", ids=ids)) from error
        if not 0 < len(numbers) <= CUSTOMERS_MAX:
            raise UserError(
                self.env._(
                    "Choose between 1 and %s customers at a time.", CUSTOMERS_MAX
                )
            )
        return numbers

    @api.model
    def _prepare_documents(self, debtors, statements, asks_confirmation=False):
        """One document per account, in the order of the accounts."""
        recipients = debtors._statement_recipients()
        in_language = cache(lambda code: _Words(self.with_context(lang=code).env))
        documents = []
        for debtor in debtors.sudo():  # sudo: the letterhead, and the address
            statement = statements[debtor.id]
            words = in_language(statement["language"])
            document = words.document(statement, debtor.company_id)
            recipient = recipients[debtor.id]
            document |= {
                "debtor": debtor,
                "customer": debtor.partner_id.name or "",
                "number": debtor.partner_id.ref or "",
                "address": _lines(recipient._display_address()),
                "recipient": recipient,
                "asks_confirmation": asks_confirmation,
            }
            documents.append(document)
        return documents


class _Words:
    """Figures in the words of one language; each date is spelt once."""

    def __init__(self, env):
        self.env = env
        self.date = cache(lambda day: format_date(env, day) if day else "")
        self.kinds = {
            "invoice": env._("Invoice"),
            "credit_note": env._("Credit note"),
            "payment": env._("Payment"),
            "entry": env._("Entry"),
            "transfer": env._("Settled elsewhere"),
            "late_charge": env._("Late charge"),
        }
        self.unmatched = env._("Payment not yet matched")
        self.letterhead = cache(self._letterhead)
        self.buckets = cache(self._buckets)

    def document(self, statement, company):
        """The statement with texts for dates and amounts.

        :param statement: see ``o2c.debtor._statement``
        """
        currencies = self.env["res.currency"]
        return {
            "language": self.env.lang,
            "form": statement["form"],
            "as_of": self.date(statement["as_of"]),
            "date_from": self.date(statement["date_from"]),
            "reference": statement["reference"],
            "company": self.letterhead(company),
            "sections": [
                self._section(s, currencies.browse(s["currency_id"]), company)
                for s in statement["currencies"]
            ],
        }

    def _section(self, section, currency, company):
        def amount(value):
            # less than half a cent is nothing, and never "-0.00"
            value = currency.round(value) or 0.0
            return formatLang(self.env, value, digits=currency.decimal_places)

        labels = self.buckets(company)
        lines = [self._line(line, amount) for line in section["lines"]]
        return {
            "currency": currency.name,
            "chunks": [Chunk(False, lines)],
            "has_reference": any(line["reference"] for line in lines),
            "opening": amount(section.get("opening", 0.0)),
            "closing": amount(section["closing"]),
            "to_pay": currency.compare_amounts(section["closing"], 0.0),
            "overdue": section["overdue"] > 0 and amount(section["overdue"]),
            "credit": section["credit"] > 0 and amount(section["credit"]),
            "late_charges": section["late_charges"] and amount(section["late_charges"]),
            "principal": amount(section["closing"] - section["late_charges"]),
            "ageing": [
                (label, amount(section["ageing"].get(key, 0.0)))
                for key, label in labels
            ],
            "accounts": self._accounts(company, currency),
        }

    def _line(self, line, amount):
        is_open_item = "bucket" in line
        kind = self.kinds[line["kind"]]
        if is_open_item and line["kind"] == "payment" and line["amount"] < 0:
            kind = self.unmatched
        is_credit = line["amount"] < 0
        late = line.get("days_overdue") if not is_credit else 0
        return {
            "kind": kind,
            "number": line["number"],
            "reference": line["reference"],
            "date": self.date(line["date"]),
            "date_due": "" if is_credit else self.date(line["date_due"]),
            "days_late": late or "",
            "instalment": self._instalment(line),
            "is_credit": is_credit,
            "is_late": bool(late),
            "original": amount(line.get("original", 0.0)),
            "amount": amount(line["amount"]),
            "balance": amount(line.get("balance", 0.0)),
        }

    def _instalment(self, line):
        if line["instalments"] < 2:
            return ""
        if "instalment" not in line:
            return self.env._("%s instalments", line["instalments"])
        return self.env._(
            "instalment %(number)s of %(count)s",
            number=line["instalment"],
            count=line["instalments"],
        )

    def _buckets(self, company):
        return self.env["o2c.debtor"].with_company(company)._statement_buckets()

    def _letterhead(self, company):
        """What the head of each page says of us."""
        partner = company.partner_id
        contact = (company.phone, company.email, company.website)
        return {
            "name": company.name,
            "address": _lines(partner._display_address(without_company=True)),
            "contact": [text for text in contact if text],
            "vat": company.vat or "",
            "logo": "" if company.uses_default_logo else image_data_uri(company.logo),
            "color": company.primary_color or "#374151",
        }

    def _accounts(self, company, currency):
        """The bank accounts to pay to: of this currency, or of any."""
        banks = company.partner_id.bank_ids.filtered(
            lambda bank: not bank.currency_id or bank.currency_id == currency
        )
        return [
            {
                "number": bank.acc_number,
                "bank": bank.bank_id.name or "",
                "bic": bank.bank_id.bic or "",
                "holder": bank.acc_holder_name or company.name,
            }
            for bank in banks[:ACCOUNTS_MAX]
        ]


def _lines(text):
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _cut_into_pages(sections):
    """Let long tables go on on a new page under a head of their own."""
    rows = [section["chunks"][0].rows for section in sections]
    for section, chunks in zip(sections, paginate(rows, _height), strict=True):
        section["chunks"] = chunks


def _height(line):
    """How many rows of text a line takes."""
    document = len(line["kind"]) + len(line["number"]) + 1
    more = max(len(line["reference"]) - 1, document - 1) // CELL_LETTERS
    return 1 + MORE_LINE * (max(0, more) + bool(line["instalment"]))
