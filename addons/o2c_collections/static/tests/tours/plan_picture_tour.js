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
            content: "add a level",
            trigger: ".o_o2c_plan_add button:contains('Level')",
            run: "click",
        },
        {
            content: "between two levels no number is free",
            trigger: ".o_o2c_plan_add input[name='new_days']",
            run: "edit 20 && press Enter",
        },
        {
            content: "it is refused",
            trigger: ".o_notification:contains('No number is free')",
        },
        {
            content: "after the last one there is",
            trigger: ".o_o2c_plan_add input[name='new_days']",
            run: "edit 45",
        },
        {
            content: "by a letter",
            trigger: ".o_o2c_plan_add select",
            run: "select letter",
        },
        {
            content: "keys are enough",
            trigger: ".o_o2c_plan_add input[name='new_days']",
            run: "press Enter",
        },
        {
            content: "it is in the picture, and chosen",
            trigger: ".o_o2c_plan_step.active:contains('Level 4 · 45 days')",
        },
        {
            content: "escape closes the dialog and leaves the plan alone",
            trigger: ".o_o2c_plan_add button:contains('Level')",
            run: "click",
        },
        {
            content: "close it",
            trigger: ".o_o2c_plan_add input[name='new_days']:focus",
            run: "press Escape",
        },
        {
            content: "it is closed",
            trigger: ".o_o2c_plan_add:not(:has(input))",
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
