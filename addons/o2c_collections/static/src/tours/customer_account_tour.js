import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("o2c_customer_account", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "o2c_base.menu_root",
            _t("Who owes you? Open Receivables.")
        ),
        {
            content: _t("All your customers are here, most overdue first."),
            trigger: '[data-menu-xmlid="o2c_base.menu_customers"]',
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("Open the customer who owes you most."),
            trigger: ".o_data_row:first td[name=partner_id]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t(
                "The header says it all: what is owed and overdue, how the customer " +
                    "pays, when somebody was last in touch, and what happens next."
            ),
            trigger: ".o_o2c_cockpit [name=tile_next]:contains('Why?')",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("One timeline for everything. See what was paid."),
            trigger: ".o_o2c_timeline_filters [data-kind=payments]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            isActive: ["auto"],
            trigger: ".o_o2c_timeline_filters [data-kind=payments][aria-pressed=true]",
        },
        {
            content: _t("Back to everything."),
            trigger: ".o_o2c_timeline_filters [data-kind=all]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("You called? Note what came of it."),
            trigger: "button[name=action_log_call]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("What did the customer say?"),
            trigger: ".modal .o_field_widget[name=note] textarea",
            tooltipPosition: "top",
            run: "edit Pays on Friday",
        },
        {
            content: _t("Put it on the timeline."),
            trigger: ".modal button[name=action_log]",
            tooltipPosition: "top",
            run: "click",
        },
        {
            content: _t("Only the calls, please."),
            trigger: "body:not(:has(.modal)) .o_o2c_timeline_filters [data-kind=calls]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            isActive: ["auto"],
            content: "The call is there, and nothing else.",
            trigger: ".o-mail-Thread:not(:contains('A note')) .o-mail-Message:contains('Pays on Friday')",
        },
        {
            content: _t("Leave the customer alone for a while: a pause always ends."),
            trigger: "button[name=action_pause]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("Say why: everybody will see it."),
            trigger: ".modal .o_field_widget[name=reason] input",
            tooltipPosition: "bottom",
            run: "edit Waiting for Friday",
        },
        {
            content: _t("From now on nobody is reminded."),
            trigger: ".modal button[name=action_pause]",
            tooltipPosition: "top",
            run: "click",
        },
        {
            isActive: ["auto"],
            trigger: ".alert:contains('Paused until'):contains('Waiting for Friday')",
        },
        {
            content: _t("The money is here? Go on as before."),
            trigger: "body:not(:has(.modal)) button[name=action_resume]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            isActive: ["auto"],
            trigger: "body:not(:has(.alert:contains('Paused until'))) button[name=action_pause]",
        },
    ],
});
