import {onWillStart, useState} from "@odoo/owl";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * Above the list of reference rates stands which half-years have none, as long as a rule
 * of the company needs them.
 */
export class ReferenceRateListController extends ListController {
    static template = "o2c_collections.ReferenceRateListView";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.missing = useState({text: ""});
        onWillStart(() => this.loadMissing());
    }

    async loadMissing() {
        this.missing.text = await this.orm.call("o2c.reference.rate", "missing_text", []);
    }

    async onRecordSaved(record) {
        await super.onRecordSaved(record);
        await this.loadMissing();
    }
}

registry.category("views").add("o2c_reference_rate_list", {
    ...listView,
    Controller: ReferenceRateListController,
});
