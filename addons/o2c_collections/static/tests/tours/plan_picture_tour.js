import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("o2c_collections.plan_picture", {
    steps: () => [
        {
            content: "choose a level in the picture",
            trigger: ".o_o2c_plan_step:contains('14 days')",
            run: "click",
        },
        {
            content: "its letter, as a real customer would get it",
            trigger: ".o_o2c_plan_letter:contains('Second reminder') iframe",
        },
        {
            content: "move it by a day with the keyboard",
            trigger: ".o_o2c_plan_step:contains('14 days')",
            run: "press ArrowRight",
        },
        {
            content: "the picture follows",
            trigger: ".o_o2c_plan_step:contains('15 days')",
        },
        {
            content: "enter the day",
            trigger: ".o_o2c_plan_edit input[type='number']",
            run: "edit 16 && press Enter",
        },
        {
            content: "the picture follows again",
            trigger: ".o_o2c_plan_step:contains('16 days')",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "it is saved",
            trigger: ".o_form_saved",
        },
    ],
});
