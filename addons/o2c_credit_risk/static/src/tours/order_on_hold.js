import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

/**
 * An order on hold, from the list of holds to its release. It teaches, started from
 * the user's menu, and is run in a browser by a test.
 */
registry.category("web_tour.tours").add("o2c_order_on_hold", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "o2c_base.menu_root",
            _t("Orders beyond a customer's credit wait in Receivables.")
        ),
        {
            content: _t("Everything about credit is here."),
            trigger: "[data-menu-xmlid='o2c_credit_risk.menu_credit']",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("Open the orders that wait."),
            trigger: "[data-menu-xmlid='o2c_credit_risk.menu_holds']",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t(
                "Each card is an order that waits: whose, how much, why, and which " +
                    "payment would free it. Open it."
            ),
            trigger: ".o_kanban_record:contains('over the limit')",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("Here is the reason, with the figures of this moment."),
            trigger: ".o_form_view .alert-warning:contains('frees it')",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("Release it, up to a total and until a day that you choose."),
            trigger: "button[name=action_decide]",
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            content: _t("Say why. It stays with the hold and is told to sales."),
            trigger: ".modal .o_field_widget[name=comment] textarea",
            tooltipPosition: "top",
            run: "edit Pays on Friday",
        },
        {
            content: _t("The order is confirmed at once."),
            trigger: ".modal button[name=action_release]",
            tooltipPosition: "top",
            run: "click",
        },
        {
            content: _t("Who released it, up to what, and why, is kept here."),
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_arrow_button_current:contains('Released')",
        },
    ],
});
