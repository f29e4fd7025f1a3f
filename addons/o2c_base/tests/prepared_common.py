import json
from unittest.mock import patch

from freezegun import freeze_time

from odoo import models
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase
from odoo.tests.common import get_db_name

from odoo.addons.account.models.chart_template import AccountChartTemplate
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.tests.common import BaseCommon

TODAY = "2026-06-15"

#: Stands in front of the names of what `make test` makes once, until a class takes it.
PREPARED = "Prepared for tests: "
#: A company with a chart of accounts and nothing else, for who needs a second one.
SPARE = f"{PREPARED}spare"
#: Where a prepared database keeps what core's set-up left on its class.
KEPT = "o2c_base.tests_prepared"

#: Which charts of accounts there are, per database. Core asks each localisation
#: again whenever a cache was emptied, which takes longer than loading a chart.
CHARTS = {}

#: What Odoo's caches held of what a database has for good, per database.
SHARED = {}
#: Stand in the caches until something empties them.
TEST_MARK, CLASS_MARK = "o2c: since the test began", "o2c: since the class began"
_ask_for_charts = AccountChartTemplate._get_chart_template_mapping


def _known_charts(self, get_all=False):
    key = (self.env.cr.dbname, get_all)
    if key not in CHARTS:
        CHARTS[key] = _ask_for_charts(self, get_all)
    return CHARTS[key]


def _patch_of_charts():
    name = "_get_chart_template_mapping"
    return patch.object(AccountChartTemplate, name, _known_charts)


class PreparedCommon(AccountTestInvoicingCommon):
    """Core's set-up of accounting tests, made once per database and not per class.

    Its companies, users and products take longer than most tests. ``prepare`` makes
    them for good; where that was done, a class finds them. Elsewhere (Odoo's own
    runner) and for a class with more of core's set-ups, each class makes its own.
    """

    @classmethod
    def setUpClass(cls):
        kept = cls._read_kept()
        following = cls.__mro__[cls.__mro__.index(PreparedCommon) + 1]
        if not kept or following is not AccountTestInvoicingCommon:
            super().setUpClass()
        else:
            super(BaseCommon, cls).setUpClass()
            cls._share_caches()
            cls._take(**kept)
        # Each branch that a test makes gets a chart, too.
        cls.startClassPatcher(_patch_of_charts())

    @classmethod
    def _create_company(cls, **values):
        """EXTENDS core: take the spare one, where there is one still."""
        spare = cls.env["res.company"].sudo().search([("name", "=", SPARE)])
        if not spare or values.keys() != {"name"}:
            return super()._create_company(**values)
        spare.name = values["name"]
        cls.env.user.company_ids |= spare
        return spare.with_env(cls.env)

    @classmethod
    def _use_chart_template(cls, company, chart_template_ref=None):
        """EXTENDS core: without looking through all localisations each time."""
        with _patch_of_charts():
            return super()._use_chart_template(company, chart_template_ref)

    def setUp(self):
        """EXTENDS core: a test begins with the caches of its class, not with none.

        Core empties them after each test. What was in them at its beginning is true
        again then, as the test is rolled back to there; and so is what a test added
        to a cache that nothing it did has emptied.
        """
        kept = {}
        self.addCleanup(_fill, self.registry, kept)
        super().setUp()
        self.addCleanup(_keep_untouched, self.registry, kept, TEST_MARK)
        _mark(self.registry, TEST_MARK)
        kept |= {name: dict(cache) for name, cache in _caches(self.registry).items()}

    @classmethod
    def _share_caches(cls):
        """Do the same between classes, which all begin with the same database."""
        kept = SHARED.setdefault(cls.env.cr.dbname, {})
        _fill(cls.registry, kept)
        _mark(cls.registry, CLASS_MARK)
        cls.addClassCleanup(_keep_untouched, cls.registry, kept, CLASS_MARK)

    @classmethod
    def prepare(cls, env):
        """Make for good, in a database for tests alone, what the classes begin with."""
        cls.env = env
        before = set(vars(cls))
        with (
            freeze_time(f"{TODAY} 12:00:00"),
            # As in a test: core then gives a company its warehouse, too.
            patch.object(module, "current_test", cls),
            patch.object(TransactionCase, "setUpClass", lambda: None),
        ):
            PreparedCommon.setUpClass.__func__(cls)
            cls._keep(env, sorted(set(vars(cls)) - before))
            cls._create_company(name=SPARE)
            cls.env.user.company_ids = cls.company
            env.flush_all()
            # Not by the ORM: that would write to the users about it.
            env.cr.execute(
                "UPDATE res_users SET login = %s || login WHERE id IN %s",
                [PREPARED, (cls.user | cls.simple_accountman)._ids],
            )

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    @classmethod
    def _keep(cls, env, names):
        """Store what is on the class, under names that no class asks for."""
        attributes = {name: _packed(getattr(cls, name)) for name in names}
        kept = {"uid": cls.env.uid, "attributes": attributes}
        env["ir.config_parameter"].set_param(KEPT, json.dumps(kept))
        cls.company.name = PREPARED + cls.company.name

    @classmethod
    def _read_kept(cls):
        with Registry(get_db_name()).cursor() as cr:
            cr.execute("SELECT value FROM ir_config_parameter WHERE key = %s", [KEPT])
            [found] = cr.fetchone() or [None]
        return found and json.loads(found)

    @classmethod
    def _take(cls, uid, attributes):
        cls.cr.execute(
            "UPDATE res_users SET login = replace(login, %s, '') WHERE login LIKE %s",
            [PREPARED, f"{PREPARED}%"],
        )
        cls.env = cls.env(user=uid, context=cls.default_env_context())
        missing = cls.get_default_groups() - cls.env.user.group_ids
        if missing:
            cls.env.user.sudo().group_ids |= missing
        for name, packed in attributes.items():
            setattr(cls, name, _unpacked(cls.env, packed))
        company = cls.company_data["company"].sudo()
        company.name = company.name.removeprefix(PREPARED)


def _caches(registry):
    return registry._Registry__caches


def _fill(registry, kept):
    for name, entries in kept.items():
        _caches(registry)[name].update(entries)


def _mark(registry, mark):
    for cache in _caches(registry).values():
        cache[mark] = True


def _keep_untouched(registry, kept, mark):
    """Keep the caches that were not emptied since they were marked."""
    for name, cache in _caches(registry).items():
        if mark in cache:
            kept[name] = dict(cache)


def _packed(value):
    """Return records as what JSON can hold."""
    if isinstance(value, models.BaseModel):
        context = dict(value.env.context)
        return ["records", value._name, value.ids, context, value.env.su]
    if isinstance(value, dict):
        return ["dict", {key: _packed(item) for key, item in value.items()}]
    return ["value", value]


def _unpacked(env, packed):
    kind, *content = packed
    if kind == "records":
        model, ids, context, su = content
        return env(context=context, su=su)[model].browse(ids)
    if kind == "dict":
        return {key: _unpacked(env, item) for key, item in content[0].items()}
    return content[0]
