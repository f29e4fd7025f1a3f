import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("o2c_collections.start_chasing", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open Receivables",
            trigger: ".o_app[data-menu-xmlid='o2c_base.menu_root']",
            run: "click",
        },
        {
            content: "open the worklist menu",
            trigger: "button[data-menu-xmlid='o2c_collections.menu_worklist']",
            run: "click",
        },
        {
            content: "open the chase runs",
            trigger: "a[data-menu-xmlid='o2c_collections.menu_runs']",
            run: "click",
        },
        {
            content: "no run yet: the screen says how it begins",
            trigger: ".o_view_nocontent_smiling_face:contains('No run yet')",
        },
        {
            content: "look at the preview",
            trigger: "button[name='action_preview']",
            run: "click",
        },
        {
            content: "who is due is a group of its own: open it",
            trigger: ".o_group_header:contains('Due')",
            run: "click",
        },
        {
            content: "the customer is listed with his address",
            trigger: ".o_data_row:contains('Bolt & Sons'):contains('pay@bolt.example')",
        },
        {
            content: "start chasing",
            trigger: "button[name='action_switch_on']",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "the preview is still there",
            trigger: "body:not(:has(.modal)) .o_group_header:contains('Due')",
        },
        {
            content: "go back to the runs",
            trigger: ".o_breadcrumb a:contains('Chase runs'), .o_back_button",
            run: "click",
        },
        {
            content: "ask for a run",
            trigger: "button[name='action_run_now']",
            run: "click",
        },
        {
            content: "the run is asked for",
            trigger: ".o_arrow_button_current:contains('Requested')",
        },
    ],
});

registry.category("web_tour.tours").add("o2c_collections.read_why", {
    steps: () => [
        {
            content: "the customer's form says why",
            trigger: ".o_o2c_why:contains('Why?'):contains('under way')",
        },
        {
            content: "open the chase page",
            trigger: ".nav-link:contains('Chase')",
            run: "click",
        },
        {
            content: "the step is listed",
            trigger: ".o_field_widget[name='action_ids'] .o_data_row:contains('Under way')",
        },
        {
            content: "what does not fit stands under More",
            trigger: ".o-form-buttonbox",
            run() {
                document.querySelector(".o_button_more")?.click();
            },
        },
        {
            content: "open the reminders",
            trigger: "button[name='action_open_messages']",
            run: "click",
        },
        {
            content: "the reminder is listed",
            trigger: ".o_data_row:contains('pay@bolt.example')",
        },
    ],
});
