from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: A list longer than its first page is opened in groups, so that its total shows.
LIST_PAGE = 80


class O2cOverview(models.AbstractModel):
    """What the Overview shows, for the active company and its branches.

    The page asks for its frame first, then for each panel by itself: a slow or
    broken one holds up no other. Add-ons bring panels by extending ``_panels`` and
    a method ``_panel_<code>``. Nothing here writes, and every figure comes with a
    link: the list whose sum it is.
    """

    _name = "o2c.overview"
    _description = "Receivables overview"

    # ------------------------------------------------------------------
    # What the page calls
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_frame(self):
        """What stands around the panels.

        :return: dict with company, currency, panels, notes and checklist
        """
        root_sudo = self._root_sudo()
        return {
            "company": {"id": root_sudo.id, "name": root_sudo.name},
            "currency_id": root_sudo.currency_id.id,
            "today": fields.Date.to_string(root_sudo._o2c_today()),
            "has_accounts": self._has_accounts(root_sudo),
            "notes": self._notes(root_sudo),
            "panels": [
                {"code": code, **values} for code, values in self._panels().items()
            ],
            "checklist": self._checklist_frame(root_sudo),
        }

    @api.model
    @api.readonly
    def get_panel(self, code):
        """The figures of one panel.

        :param code: a key of what ``get_frame`` lists
        :raise UserError: when there is no such panel
        """
        root_sudo = self._root_sudo()
        if not isinstance(code, str) or code not in self._panels():
            raise UserError(self.env._("There is no such panel on the overview."))
        return getattr(self, f"_panel_{code}")(root_sudo)

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    @api.model
    def _panels(self):
        """Hook: the panels in their order, code -> title, help and width.

        ``size``: "strip" for the full width, else "wide", "narrow" or "tall", which
        stands beside two narrow ones.
        """
        return {
            "tiles": {"title": self.env._("Key figures"), "size": "strip"},
            "ageing": {
                "title": self.env._("Ageing"),
                "help": self.env._("What is open, by days past the due date."),
                "size": "narrow",
            },
            "trend": {
                "title": self.env._("Trend and goals"),
                "help": self.env._("How long money takes, and how much is late."),
                "size": "tall",
            },
            "exposures": {
                "title": self.env._("Ten largest exposures"),
                "help": self.env._("Who owes most, and how much of it is overdue."),
                "size": "narrow",
            },
            "forecast": {
                "title": self.env._("Expected receipts, 13 weeks"),
                "help": self.env._(
                    "Open items by due date plus the days each customer usually is "
                    "late."
                ),
                "size": "wide",
            },
        }

    # ------------------------------------------------------------------
    # Whose overview
    # ------------------------------------------------------------------

    @api.model
    def _root_sudo(self):
        """The company the page speaks of; refuses who has no role.

        It is read in superuser mode, for its name, currency and day: a user of a
        branch may not read it. Figures are read as the user, under the record rules.

        :raise AccessError: for users without a role in Receivables
        """
        if not self.env["o2c.debtor"].has_access("read"):
            raise AccessError(
                self.env._(
                    "The overview is for people with a role in Receivables. Ask an "
                    "administrator for one: Settings, Users, Receivables."
                )
            )
        return self.env.company._o2c_root()

    @api.model
    def _has_accounts(self, root_sudo):
        domain = [("company_id", "=", root_sudo.id)]
        return bool(self.env["o2c.debtor"].search_count(domain, limit=1))

    @api.model
    def _family(self, root_sudo):
        """Ids of the companies whose items are shown: root and branches of the user.

        Whether they are selected beside the active one makes no difference.
        """
        # sudo: which of the user's own companies belong to this root
        mine_sudo = self.env.user.sudo().company_ids
        ids = mine_sudo.filtered(lambda c: c.root_id == root_sudo).ids
        active = self.env.company.id
        return [active, *(company for company in ids if company != active)]

    @api.model
    def _for_family(self, root_sudo):
        return self.with_context(allowed_company_ids=self._family(root_sudo))

    @api.model
    def _notes(self, root_sudo):
        """Sentences on what this page leaves out."""
        return self._note_others(root_sudo) + self._note_branches(root_sudo)

    @api.model
    def _note_branches(self, root_sudo):
        family = self._family(root_sudo)
        # sudo: names of branches that count in the figures of customers
        companies_sudo = self.env["res.company"].sudo()
        hidden = companies_sudo.search(
            [("id", "child_of", root_sudo.id), ("id", "not in", family)]
        )
        if not hidden:
            return []
        return [
            self.env._(
                "You do not work in %(names)s: what customers owe there counts in "
                "their figures, and its items are in no list of yours.",
                names=", ".join(hidden.mapped("name")),
            )
        ]

    @api.model
    def _note_others(self, root_sudo):
        # sudo: only names of companies the user has selected himself
        names = (self.env.companies.sudo().root_id - root_sudo).mapped("name")
        if not names:
            return []
        return [
            self.env._(
                "This page shows %(company)s only: currencies are never added. Also "
                "selected: %(others)s.",
                company=root_sudo.name,
                others=", ".join(names),
            )
        ]

    # ------------------------------------------------------------------
    # Links
    # ------------------------------------------------------------------

    @api.model
    def _link(self, action, name, domain, context=None):
        """A figure's link: an action with the domain over which it was summed."""
        return {
            "action": action,
            "name": name,
            "domain": domain,
            "context": context or {},
        }

    @api.model
    def _account_link(self, root_sudo, name, domain, count):
        """The customer accounts behind a figure.

        :param count: how many they are
        """
        context = {"group_by": ["collector_id"]} if count > LIST_PAGE else {}
        return self._link(
            "o2c_base.o2c_debtor_action",
            name,
            [("company_id", "=", root_sudo.id), *domain],
            context,
        )

    @api.model
    def _item_link(self, root_sudo, name, domain):
        """The open items behind a figure."""
        return self._link(
            "o2c_base.o2c_open_item_action",
            name,
            [("root_company_id", "=", root_sudo.id), *domain],
            {"allowed_company_ids": self._family(root_sudo)},
        )
