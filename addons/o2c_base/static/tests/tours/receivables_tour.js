import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("o2c_base_receivables", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("o2c_base.menu_root", "Open Receivables."),
        {
            content: "Open the list of customers.",
            trigger: '.o_menu_sections [data-menu-xmlid="o2c_base.menu_customers"]',
            run: "click",
        },
        {
            content: "The customer is there with the figures stored last.",
            trigger: ".o_data_row:contains(Tour Customer):contains(100.00)",
        },
        {
            content: "Something has happened since: bring it in.",
            trigger: ".o_o2c_refresh:contains(Changes waiting)",
            run: "click",
        },
        {
            content: "The new invoice is in the figures.",
            trigger: ".o_data_row:contains(Tour Customer):contains(150.00)",
        },
        {
            content: "Nothing waits any more.",
            trigger: ".o_control_panel:not(:has(.o_o2c_refresh))",
        },
        {
            content: "Open the customer account.",
            trigger: ".o_data_row:contains(Tour Customer) td[name=partner_id]",
            run: "click",
        },
        {
            content: "It shows what is owed, live.",
            trigger:
                ".o_form_view [name=amount_outstanding_live]:contains(150.00)",
        },
        {
            content: "Its chatter is there.",
            trigger: ".o-mail-Chatter",
        },
        {
            content: "Open its items.",
            trigger: "button[name=action_open_items]:contains(2)",
            run: "click",
        },
        {
            content: "Both invoices are listed.",
            trigger: ".o_list_view .o_data_row:nth-of-type(2):contains(Tour Customer)",
        },
    ],
});
