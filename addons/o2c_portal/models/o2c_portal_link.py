import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models

#: A reminder is answered within weeks; later the customer asks for a new one.
LIFE_DAYS = 60
#: 256 bits: nobody guesses it.
TOKEN_BYTES = 32


class O2cPortalLink(models.Model):
    """A customer's way to his account without a password.

    Only the hash of its token is kept: who reads the database cannot use it.
    """

    _name = "o2c.portal.link"
    _description = "Customer link"
    _order = "id DESC"
    _rec_name = "debtor_id"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="debtor_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="Who got it: what is done through it is done in his name.",
    )
    purpose = fields.Selection(
        [("message", "Sent with a message"), ("shared", "Given by hand")],
        required=True,
        readonly=True,
    )
    message_id = fields.Many2one(
        "o2c.chase.message", readonly=True, index=True, ondelete="set null"
    )
    token_hash = fields.Char(required=True, readonly=True, groups="base.group_system")
    expires_at = fields.Datetime(required=True, readonly=True)
    revoked_at = fields.Datetime(readonly=True)
    opened_at = fields.Datetime("First opened", readonly=True)
    open_count = fields.Integer("Opened", readonly=True, help="How often.")
    state = fields.Selection(
        [("open", "Valid"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
    )

    _token_unique = models.UniqueIndex("(token_hash)", "Each link has its own token.")

    @api.depends("expires_at", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for link in self:
            if link.revoked_at:
                link.state = "revoked"
            else:
                link.state = "open" if link.expires_at > now else "expired"

    # ------------------------------------------------------------------
    # Making and using
    # ------------------------------------------------------------------

    @api.model
    def _issue(self, vals_list):
        """Make links; their tokens are told here and never again.

        :param vals_list: list of dict of debtor_id, partner_id, purpose, message_id
        :return: list of tokens
        """
        tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _values in vals_list]
        expires_at = fields.Datetime.now() + timedelta(days=LIFE_DAYS)
        # sudo: links are made for whoever may write to the customer, checked before
        self.sudo().create(
            [
                {**values, "token_hash": _hash(token), "expires_at": expires_at}
                for values, token in zip(vals_list, tokens, strict=True)
            ]
        )
        return tokens

    @api.model
    def _find(self, token):
        """The valid link of a token; empty if there is none."""
        link_sudo = self.sudo().search([("token_hash", "=", _hash(token))])
        return link_sudo.filtered("is_usable")

    is_usable = fields.Boolean(compute="_compute_is_usable")

    @api.depends(
        "state",
        "debtor_id.partner_id",
        "partner_id.active",
        "partner_id.commercial_partner_id",
    )
    def _compute_is_usable(self):
        """Valid, and its contact still belongs to the customer and was not archived.

        A customer who was archived himself may still pay what he owes.
        """
        for link in self:
            contact, customer = link.partner_id, link.debtor_id.partner_id
            belongs = contact.commercial_partner_id == customer
            is_here = contact.active or contact == customer
            link.is_usable = link.state == "open" and belongs and is_here

    def _note_opened(self):
        """The contact came through this link."""
        self.ensure_one()
        self.open_count += 1
        if not self.opened_at:
            self.opened_at = fields.Datetime.now()
            self.env["o2c.event"]._record(
                "link_opened", self, {"message": self.message_id.id}
            )

    def action_revoke(self):
        """No longer valid from now on."""
        self.check_access("read")
        self.debtor_id.check_access("write")
        # sudo: a link is written by this model alone; checked just above
        valid_sudo = self.sudo().filtered(lambda link: not link.revoked_at)
        valid_sudo.revoked_at = fields.Datetime.now()
        self.env["o2c.event"]._record("link_revoked", valid_sudo)

    @api.autovacuum
    def _gc_links(self):
        """Remove links a year after they expired; the history keeps the events."""
        end = fields.Datetime.now() - timedelta(days=365)
        self.search([("expires_at", "<", end)], limit=1000).unlink()


def _hash(token):
    return hashlib.sha256(str(token).encode()).hexdigest()
