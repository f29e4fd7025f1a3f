import {onWillStart, useState} from "@odoo/owl";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * Above the reference rates stands which half-years have none, as long as a rule of the
 * company needs them.
 *
 * @param {Function} Controller of the view
 * @param {String} template of the view with the banner
 * @returns {Function} the controller that knows what is missing
 */
function withMissing(Controller, template) {
    return class extends Controller {
        static template = template;

        setup() {
            super.setup();
            this.orm = useService("orm");
            this.missing = useState({text: ""});
            onWillStart(() => this.loadMissing());
        }

        async loadMissing() {
            const model = "o2c.reference.rate";
            this.missing.text = await this.orm.call(model, "missing_text", []);
        }

        async onRecordSaved(record) {
            if (super.onRecordSaved) {
                await super.onRecordSaved(record);
            }
            await this.loadMissing();
        }
    };
}

registry.category("views").add("o2c_reference_rate_list", {
    ...listView,
    Controller: withMissing(ListController, "o2c_collections.ReferenceRateListView"),
});
registry.category("views").add("o2c_reference_rate_kanban", {
    ...kanbanView,
    Controller: withMissing(KanbanController, "o2c_collections.ReferenceRateKanbanView"),
});
