import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * From the checklist of a new company to its first run. It teaches, started from the
 * checklist, and is run in a browser by a test.
 */
registry.category("web_tour.tours").add("o2c_first_reminder", {
    url: "/odoo/receivables",
    steps: () => [
        {
            trigger: ".o_o2c_checklist [data-check='preview'] .btn",
            content: _t("Begin with the preview. Nothing is sent by looking at it."),
            run: "click",
        },
        {
            trigger: ".o_list_view .o_group_header",
            content: _t(
                "Every customer with something overdue stands under what was decided " +
                    "about him. Open a group to see who it is."
            ),
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row",
            content: _t(
                "Here is how he is contacted, at which address, and for what amount."
            ),
            run: "click",
        },
        {
            trigger: "button[name='action_switch_on']",
            content: _t("When you agree with what you see, start chasing."),
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            content: _t("From the next run on, these customers are contacted."),
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_breadcrumb a:contains('Overview'), body:not(:has(.modal)) .o_back_button",
            content: _t("Back to the checklist."),
            run: "click",
        },
        {
            trigger:
                ".o_o2c_checklist:has([data-check='sending'][data-state='done']) [data-check='run'] .btn",
            content: _t("Runs start by themselves each night. Start the first one now."),
            run: "click",
        },
        {
            trigger: ".o_form_view .o_arrow_button_current",
            content: _t("In a minute, this page says who was contacted, and why not."),
        },
    ],
});
