import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

/** The ageing at the end of the month: shown to people, and run as a test. */
registry.category("web_tour.tours").add("o2c_month_end_ageing", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("o2c_base.menu_root", _t("Open Receivables.")),
        {
            content: _t("Reports are here."),
            trigger: ".o_menu_sections [data-menu-xmlid='o2c_base.menu_reporting']",
            run: "click",
        },
        {
            content: _t("Open the ageing: who owes how much since when."),
            trigger: "[data-menu-xmlid='o2c_base.menu_ageing']",
            run: "click",
        },
        {
            content: _t("Choose the last day of the month that is to be closed."),
            trigger: ".o_o2c_month_end",
            run: "click",
        },
        {
            content: _t(
                "The sum of all open items equals the general ledger of that day. If " +
                    "it did not, this would list the journal items that differ."
            ),
            trigger: ".o_o2c_tie:has(.fa-check-circle):contains(= open items)",
        },
        {
            content: _t("Look at it drawn."),
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            content: _t("Each bar is made of the customer's buckets, the latest on top."),
            trigger: ".o_graph_renderer canvas",
            run() {
                const {datasets} = window.Chart.getChart(this.anchor).data;
                const total = datasets.flatMap(({data}) => data).reduce((a, b) => a + b, 0);
                if (datasets.length !== 5 || total <= 0) {
                    throw new Error(`${datasets.length} buckets drawn, ${total} in all`);
                }
            },
        },
        {
            content: _t("Back to the list."),
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: _t("Take customers out of the grouping."),
            trigger: ".o_searchview_facet:contains(Customer) .o_facet_remove",
            run: "click",
        },
        {
            content: _t("Now each line stands for itself."),
            trigger: ".o_list_view:not(:has(.o_group_header)) .o_data_row",
        },
        {
            content: _t("Other ways to look at it are here."),
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: _t("Group by segment."),
            trigger: ".o_group_by_menu .o_menu_item:contains(Segment)",
            run: "click",
        },
        {
            content: _t("Unfold a segment to see its customers."),
            trigger: ".o_group_header:first .o_group_name",
            run: "click",
        },
        {
            content: _t("Click an amount to see the items behind it."),
            trigger: ".o_data_row:first td[name=amount_outstanding]",
            run: "click",
        },
        {
            content: _t("These are the customer's open items, as of the same day."),
            trigger: ".o_list_view:has(.o_o2c_as_of_now) .o_data_row td[name=date_maturity]",
        },
        {
            content: _t("Take them along as an Excel file."),
            trigger: ".o_o2c_excel:enabled",
            run: "click",
        },
        {
            content: _t("The file is downloaded; it also waits in My Excel files."),
            trigger: ".o_o2c_excel:enabled:not(:has(.fa-spin))",
        },
    ],
});
