from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.credit_limit import DECIDED, overlaps


class O2cCreditLimit(models.Model):
    """What a limit must not be."""

    _inherit = "o2c.credit.limit"

    @api.constrains("amount")
    def _check_amount(self):
        if any(limit.amount < 0 for limit in self):
            raise ValidationError(self.env._("A credit limit cannot be negative."))

    @api.constrains("date_from", "date_to", "kind")
    def _check_dates(self):
        for limit in self:
            if limit.date_to and limit.date_to < limit.date_from:
                raise ValidationError(
                    self.env._("A credit limit cannot end before it begins.")
                )
            if limit.kind == "temporary" and not limit.date_to:
                raise ValidationError(
                    self.env._("A temporary increase needs a last day.")
                )

    @api.constrains("date_from", "date_to", "kind", "state", "debtor_id")
    def _check_overlap(self):
        """Refuse two decided limits of one kind that share a day.

        The active base limit is no obstacle: the new one supersedes it.
        """
        decided = self.filtered(lambda limit: limit.state in DECIDED)
        others = self.sudo().search(
            [
                ("debtor_id", "in", decided.debtor_id.ids),
                ("state", "in", DECIDED),
            ]
        )
        for limit in decided:
            for other in others - limit:
                if (
                    other._is_in_the_way_of(limit)
                    and other.kind == limit.kind
                    and other.debtor_id == limit.debtor_id
                ):
                    raise ValidationError(
                        self.env._(
                            "The dates overlap with another limit of the customer: "
                            "%(other)s, from %(begin)s.",
                            other=other.display_name,
                            begin=fields.Date.to_string(other.date_from),
                        )
                    )

    def _is_in_the_way_of(self, limit):
        """Whether this limit takes days that another one would take."""
        if self.kind == "base" and "active" in (self.state, limit.state):
            return False
        return overlaps(
            (self.date_from, self.date_to), (limit.date_from, limit.date_to)
        )

    @api.constrains("cover_id", "debtor_id")
    def _check_cover(self):
        # sudo: salespeople see no covers
        if any(
            limit.cover_id and limit.cover_id.debtor_id != limit.debtor_id
            for limit in self.sudo()
        ):
            raise ValidationError(self.env._("The cover belongs to another customer."))

    @api.constrains("debtor_id", "amount")
    def _check_customer(self):
        """Refuse who cannot be given credit by this company."""
        for limit in self:
            if limit.amount > 0:
                problem = limit._customer_problem()
                if problem:
                    raise ValidationError(problem)

    def _customer_problem(self):
        """Why the customer can have no limit; empty where he can."""
        partner_sudo = self.sudo().partner_id  # sudo: may be of another company
        name = partner_sudo.display_name
        if not partner_sudo.active:
            return self.env._(
                "%(customer)s is archived. Restore the contact first.", customer=name
            )
        root = self.company_id._o2c_root()
        if partner_sudo.company_id and partner_sudo.company_id.root_id != root:
            return self.env._(
                "%(customer)s is a private contact of another company.", customer=name
            )
        if any(partner_sudo.with_context(active_test=False).user_ids.mapped("share")):
            return ""
        if partner_sudo.user_ids:
            return self.env._(
                "%(customer)s is the private contact of one of your own people.",
                customer=name,
            )
        return ""

    @api.constrains("currency_id", "date_from")
    def _check_rate(self):
        for limit in self:
            company = limit.company_id
            if limit.currency_id == company.currency_id:
                continue
            if not limit._has_rate():
                raise ValidationError(
                    self.env._(
                        "There is no rate of %(currency)s on %(day)s. Enter one, or "
                        "give the limit in %(own)s.",
                        currency=limit.currency_id.name,
                        day=fields.Date.to_string(limit.date_from),
                        own=company.currency_id.name,
                    )
                )

    def _has_rate(self):
        """Whether a currency has a rate that counts on the first day."""
        # sudo: rates are no secret, whoever asks
        rates_sudo = self.env["res.currency.rate"].sudo()
        return bool(
            rates_sudo.search_count(
                [
                    ("currency_id", "=", self.currency_id.id),
                    ("company_id", "in", [False, self.company_id._o2c_root().id]),
                    ("name", "<=", self.date_from),
                ],
                limit=1,
            )
        )
