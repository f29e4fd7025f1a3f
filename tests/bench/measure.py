"""One measurement, in the process it is run in; nothing it does is kept."""

import resource
import statistics
import time
from datetime import timedelta
from pathlib import Path

from lxml import etree

FLOOR = Path(__file__).with_name("floor.sql")
FLOOR_RUNS = 20
AGEING_AMOUNTS = (
    "amount_not_due",
    "amount_b1",
    "amount_b2",
    "amount_b3",
    "amount_b4",
    "amount_outstanding",
)


def floor(env):
    """Seconds PostgreSQL needs to read all open receivables once, warm."""
    statement = FLOOR.read_text()
    seconds = []
    for _run in range(FLOOR_RUNS + 1):
        start = time.perf_counter()
        env.cr.execute(statement)  # pylint: disable=sql-injection  # our own file
        env.cr.fetchall()
        seconds.append(time.perf_counter() - start)
    return {"seconds": statistics.median(seconds[1:])}


def plan(env):
    """Seconds to decide about all customers and to plan what is due."""
    runs = env["o2c.chase.run"].sudo()
    root = env.company._o2c_root()
    env["res.company"].browse(root.id).sudo().o2c_sending = True
    env.flush_all()
    evaluate(env)  # warm, as the floor is
    base = peak_mb()
    start = time.perf_counter()
    run = runs.browse(runs._evaluate_and_plan(root.id, "manual"))
    seconds = time.perf_counter() - start
    result = {
        "seconds": seconds,
        "evaluated": run.evaluated_count,
        "planned": run.planned_count,
        "peak_mb": peak_mb(),
        "base_mb": base,
    }
    env.cr.rollback()
    return result


def evaluate(env):
    """Seconds to decide about all customers, without planning, set up as a run is."""
    # Here, as the floor is also measured where the add-on is not installed.
    from odoo.addons.o2c_base.tools.transaction import with_room

    decisions = env["o2c.chase.decision"].sudo()
    roots = env.company._o2c_root()
    start = time.perf_counter()
    run = env["o2c.chase.run"].sudo()
    with_room(env.cr)
    env.cr.execute(run._count_sql(decisions._decision_sql(roots=roots)))
    env.cr.fetchall()
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def refresh(env):
    """Seconds to bring the stored facts of all customers up to date."""
    debtors = env["o2c.debtor"].sudo().search([])
    start = time.perf_counter()
    debtors._refresh_facts()
    seconds = time.perf_counter() - start
    env.cr.rollback()
    return {"seconds": seconds, "accounts": len(debtors), "peak_mb": peak_mb()}


def items_page(env):
    """Seconds for the first page of open items, and of customers."""
    start = time.perf_counter()
    env["o2c.open.item"].search_read([], ["name", "amount_residual"], limit=80)
    items = time.perf_counter() - start
    start = time.perf_counter()
    env["o2c.debtor"].search_read(
        [("amount_overdue", ">", 0)], ["partner_id", "amount_overdue"], limit=80
    )
    return {"seconds": time.perf_counter() - start, "items_seconds": items}


def ageing(env):
    """Seconds to age all receivables by customer, fetched whole as the floor does."""
    report = env["o2c.ageing"]
    start = time.perf_counter()
    query = report._search([], order="id")
    columns = [
        report._field_to_sql(query.table, name)
        for name in ("partner_id", *AGEING_AMOUNTS)
    ]
    rows = env.execute_query(query.select(*columns))
    return {
        "seconds": time.perf_counter() - start,
        "rows": len(rows),
        "peak_mb": peak_mb(),
    }


def ageing_as_of(env):
    """The same as of a day 30 days ago, when much was open that is now paid."""
    day = env.company._o2c_today() - timedelta(days=30)
    return ageing(env(context={**env.context, "o2c_as_of": str(day)}))


def ageing_list(env):
    """Seconds for the first page of the ageing screen, grouped by customer."""
    report = env["o2c.ageing"]
    aggregates = [f"{name}:sum" for name in AGEING_AMOUNTS]
    start = time.perf_counter()
    report.web_read_group([], ["partner_id"], aggregates, limit=80)
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def ageing_pivot(env):
    """Seconds for the ageing pivot by segment and collector."""
    report = env["o2c.ageing"]
    aggregates = [f"{name}:sum" for name in AGEING_AMOUNTS]
    start = time.perf_counter()
    report.formatted_read_group([], ["segment_id", "collector_id"], aggregates)
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def ledger_tie(env):
    """Seconds to set the open items against the general ledger."""
    start = time.perf_counter()
    [tie] = env["o2c.ageing"].ledger_tie()["tie"]
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "difference": tie["difference"], "peak_mb": peak_mb()}


def ledger_differences(env):
    """Seconds to compare every journal item with the ledger."""
    start = time.perf_counter()
    count = env["o2c.ledger.difference"].search_count([])
    return {
        "seconds": time.perf_counter() - start,
        "found": count,
        "peak_mb": peak_mb(),
    }


def statement(env):
    """Seconds for the figures of the statements of 100 customers, both forms."""
    debtors = _hundred_debtors(env)
    start = time.perf_counter()
    debtors._statement()
    seconds = time.perf_counter() - start
    before = env.cr.sql_log_count
    start = time.perf_counter()
    debtors._statement(form="activity")
    return {
        "seconds": seconds,
        "activity_seconds": time.perf_counter() - start,
        "queries": env.cr.sql_log_count - before,
        "peak_mb": peak_mb(),
    }


def statement_page(env):
    """Seconds for the page with the statements of 100 customers."""
    debtors = _hundred_debtors(env)
    report = env["ir.actions.report"]
    start = time.perf_counter()
    page, _kind = report._render_qweb_html(
        "o2c_base.report_statement_action", debtors.ids, data={"form": "open_item"}
    )
    return {
        "seconds": time.perf_counter() - start,
        "page_mb": round(len(page) / 1e6, 1),
        "peak_mb": peak_mb(),
    }


def export_10k(env):
    """Seconds for an Excel file of ten thousand open items."""
    return _export(env, 10_000)


def export_100k(env):
    """Seconds for an Excel file of a hundred thousand open items."""
    return _export(env, 100_000)


def _export(env, rows):
    items = env["o2c.open.item"]
    # one condition rather than a hundred thousand numbers
    last = items._search([], order="id", offset=rows, limit=1).get_result_ids()
    domain = [("id", "<", last[0])] if last else []
    context = {"allowed_company_ids": env.companies.ids}
    export = env["o2c.export"].create(
        {
            "user_id": env.uid,
            "model_name": "o2c.open.item",
            "query": {"domain": domain, "order": None, "context": context},
        }
    )
    base = peak_mb()
    start = time.perf_counter()
    _name, content = export._write_file(env(context=context))
    result = {
        "seconds": time.perf_counter() - start,
        "peak_mb": peak_mb(),
        "base_mb": base,
        "file_mb": len(content) / 2**20,
    }
    env.cr.rollback()
    return result


def debtor_form(env):
    """Seconds to read a customer account as the form shows it, timeline included."""
    debtors = env["o2c.debtor"]
    debtor = debtors.search([("amount_overdue", ">", 0)], limit=1)
    specification = _specification(_view(debtors, "form"))
    env.invalidate_all()
    start = time.perf_counter()
    debtor.web_read(specification)
    form = time.perf_counter() - start
    debtor.timeline_rows()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "form_seconds": form, "peak_mb": peak_mb()}


def debtor_list(env):
    """Seconds for the first page of customers, and of those without a contact."""
    debtors = env["o2c.debtor"]
    specification = _specification(_view(debtors, "list"))
    start = time.perf_counter()
    debtors.web_search_read([("amount_overdue", ">", 0)], specification, limit=80)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    nobody = ["|", ("last_contact_date", "=", False)]
    nobody.append(("last_contact_date", "<", "today -14d"))
    debtors.web_search_read(nobody, specification, limit=80)
    silent = time.perf_counter() - start
    return {"seconds": seconds, "no_contact_seconds": silent, "peak_mb": peak_mb()}


def _view(model, view_type):
    return etree.fromstring(model.get_view(view_type=view_type)["arch"])


def _specification(view):
    """What the client asks for: a view's fields, and those of embedded lists."""
    specification = {}
    for field in view.xpath(".//field"):
        outer = field.xpath("ancestor::field[1]")
        if outer and view in outer[0].iterancestors():
            continue
        embedded = field.find("list")
        specification[field.get("name")] = (
            {}
            if embedded is None
            else {"fields": _specification(embedded), "limit": 20}
        )
    return specification


def kpi(env):
    """Seconds to work out all figures of a company, live."""
    start = time.perf_counter()
    env["o2c.kpi"]._figures(env.company)
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def kpi_past(env):
    """Seconds to work out all figures as of a month ago."""
    day = env.company._o2c_today() - timedelta(days=30)
    start = time.perf_counter()
    env["o2c.kpi"]._figures(env.company, day)
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def snapshot(env):
    """Seconds to store the day's figures of all scopes: 10 segments, 20 collectors."""
    _spread_scopes(env)
    snapshots = env["o2c.kpi.snapshot"].sudo()
    start = time.perf_counter()
    snapshots._take(env.company)
    seconds = time.perf_counter() - start
    rows = snapshots.search_count([("date", "=", env.company._o2c_today())])
    env.cr.rollback()
    return {"seconds": seconds, "rows": rows, "peak_mb": peak_mb()}


def _spread_scopes(env):
    """Give every customer one of ten segments and one of twenty collectors."""
    segments = env["o2c.segment"].create(
        [{"name": f"Segment {n}", "code": f"bench{n}"} for n in range(10)]
    )
    users = env["res.users"].create(
        [{"name": f"Collector {n}", "login": f"bench{n}"} for n in range(20)]
    )
    env.flush_all()
    env.cr.execute(
        "UPDATE o2c_debtor SET segment_id = (%s)[1 + id %% 10],"
        " collector_id = (%s)[1 + id %% 20]",
        [segments.ids, users.ids],
    )


#: Panels of the overview that read the ledger; the page stands before they come.
LEDGER_PANELS = ("ageing", "forecast")


def overview(env):
    """Seconds until the page stands, and until each panel of the ledger is there."""
    page = env["o2c.overview"]
    start = time.perf_counter()
    codes = [panel["code"] for panel in page.get_frame()["panels"]]
    for code in codes:
        if code not in LEDGER_PANELS:
            page.get_panel(code)
    result = {"seconds": time.perf_counter() - start}
    for code in LEDGER_PANELS:
        start = time.perf_counter()
        page.get_panel(code)
        result[f"{code}_seconds"] = time.perf_counter() - start
    return {**result, "peak_mb": peak_mb()}


def _hundred_debtors(env):
    """The customers with whom the peers' statements are measured."""
    partners = env["res.partner"].search([("name", "like", "Customer")], limit=100)
    return env["o2c.debtor"].sudo().search([("partner_id", "in", partners.ids)])


def peak_mb():
    """Largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
