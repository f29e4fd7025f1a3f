from freezegun import freeze_time

from .common import CreditCommon


class LimitCommon(CreditCommon):
    @classmethod
    def limit(cls, amount, user=None, partner=None, **values):
        """A draft."""
        limits = cls.env["o2c.credit.limit"].with_user(user or cls.credit_manager)
        return limits.with_company(cls.company).create(
            {
                "partner_id": (partner or cls.customer).id,
                "amount": amount,
                "currency_id": cls.company.currency_id.id,
                **values,
            }
        )

    @classmethod
    def active_limit(cls, amount, **values):
        """An approved one, asked for by the salesperson."""
        limit = cls.limit(amount, user=cls.salesman, **values)
        limit.action_request()
        limit = limit.with_user(cls.credit_manager)
        limit.action_approve()
        return limit

    def now(self, partner=None):
        """(amount, has limit) that counts, live."""
        debtor = self.account(partner)
        limits = self.env["o2c.credit.limit"].sudo()
        limits._flush_limits()
        rows = self.env.execute_query(limits._active_sql(self.company))
        found = {row[0]: (float(row[1]), row[2]) for row in rows}[debtor.id]
        stored = (debtor.amount_credit_limit, debtor.has_credit_limit)
        self.assertEqual(stored, found, "what is stored is what counts")
        return found

    @staticmethod
    def freeze(day):
        return freeze_time(f"{day} 12:00:00")
