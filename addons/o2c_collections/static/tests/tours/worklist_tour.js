import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const MODE = ".o_o2c_call_mode";
const on = (name) => `${MODE}:has(.o_o2c_call_name:contains('${name}'))`;
const press = (trigger, keys) => ({content: `press ${keys}`, trigger, run: `press ${keys}`});

tours.add("o2c_collections.call_by_keyboard", {
    steps: () => [
        {
            content: "the most worthwhile customer stands first, with the reasons",
            trigger: ".o_data_row:first:contains('Bolt & Sons'):contains('45 days late')",
        },
        {
            content: "start calling",
            trigger: "button[name=action_call]:contains('Start calling')",
            run: "click",
        },
        {
            content: "no menu, only the customer",
            trigger: `body:not(:has(.o_main_navbar)) ${on("Bolt & Sons")}`,
        },
        press(MODE, "Enter"),
        {
            content: "nothing is logged before it is said what came of the call",
            trigger: ".o_notification:contains('keys 1 to 9')",
        },
        press(MODE, "1"),
        {
            content: "reached",
            trigger: `${MODE} [data-outcome=reached][aria-checked=true]`,
        },
        press(MODE, "5"),
        {
            content: "he promises: what is due is proposed, and a day",
            trigger: `${MODE} input[name=promise_amount]:focus`,
            run: "edit 25",
        },
        press(`${MODE} input[name=promise_amount]`, "Escape"),
        press(MODE, "n"),
        {
            content: "letters are text in the note",
            trigger: `${MODE} textarea[name=note]:focus`,
            run: "edit Pays on Friday",
        },
        press(`${MODE} textarea[name=note]`, "Control+Enter"),
        {
            content: "the next one, and one call is logged",
            trigger: `${on("Second & Co")} .o_o2c_call_count:contains('1')`,
        },
        press(MODE, "3"),
        {
            content: "no answer: a day is proposed",
            trigger: `${MODE} [data-outcome=not_reached][aria-checked=true]`,
        },
        press(MODE, "Enter"),
        {content: "the third", trigger: on("Third Ltd")},
        press(MODE, "s"),
        {
            content: "snooze until a day",
            trigger: `${MODE} input[name=snooze_date]`,
            run({anchor}) {
                anchor.value = luxon.DateTime.now().plus({days: 5}).toISODate();
                anchor.dispatchEvent(new Event("input", {bubbles: true}));
                anchor.dispatchEvent(new Event("change", {bubbles: true}));
            },
        },
        press(`${MODE} input[name=snooze_date]`, "Control+Enter"),
        {
            content: "that was everybody",
            trigger: `${MODE} .o_o2c_call_end:contains('That was everybody')`,
        },
        press(MODE, "Escape"),
        {
            content: "back on the worklist, where nobody is left",
            trigger: ".o_main_navbar, .o_view_nocontent_smiling_face:contains('Nothing waits')",
        },
    ],
});

/** Who listens to the bus: nothing but the bus itself is played in the next tour. */
let heard = null;

tours.add("o2c_collections.row_disappears", {
    steps: () => [
        {
            content: "listen to who listens",
            trigger: ".o_main_navbar",
            run() {
                const bus = odoo.__WOWL_DEBUG__.root.env.services.bus_service;
                const subscribe = bus.subscribe;
                bus.subscribe = (type, callback) => {
                    if (type === "o2c.debtor/changed") {
                        heard = callback;
                    }
                    return subscribe.call(bus, type, callback);
                };
            },
        },
        {
            content: "open the worklist menu",
            trigger: "button[data-menu-xmlid='o2c_collections.menu_worklist']",
            run: "click",
        },
        {
            content: "open one's own",
            trigger: "a[data-menu-xmlid='o2c_collections.menu_worklist_mine']",
            run: "click",
        },
        {
            content: "somebody else takes a customer off the list",
            trigger: ".o_data_row:contains('Third Ltd')",
            async run() {
                const {orm} = odoo.__WOWL_DEBUG__.root.env.services;
                const [row] = await orm.searchRead(
                    "o2c.worklist",
                    [["partner_id.name", "=", "Third Ltd"]],
                    ["id"]
                );
                const day = luxon.DateTime.now().plus({days: 5}).toISODate();
                await orm.call("o2c.worklist", "snooze", [row.id, day]);
                heard({ids: [row.id]});
            },
        },
        {
            content: "its row has gone",
            trigger: ".o_list_renderer:not(:has(.o_data_row:contains('Third Ltd'))):has(.o_data_row:contains('Second & Co'))",
        },
    ],
});
