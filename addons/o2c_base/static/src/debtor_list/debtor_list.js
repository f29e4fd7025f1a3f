import {onWillStart, useState} from "@odoo/owl";
import {ListController} from "@web/views/list/list_controller";
import {exportDomain} from "../export/export_service";
import {listView} from "@web/views/list/list_view";
import {orderByToString} from "@web/search/utils/order_by";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * The list of customer accounts shows stored figures; this says how many changes
 * are not in them yet, and brings them in on a click.
 */
export class DebtorListController extends ListController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.exporter = useService("o2c_export");
        this.waiting = useState({count: 0, busy: false});
        onWillStart(() => this.countWaiting());
    }

    async countWaiting() {
        this.waiting.count = await this.orm.call("o2c.debtor", "changes_waiting", []);
    }

    async exportAccounts() {
        const {root} = this.model;
        const order = orderByToString(root.orderBy);
        const domain = exportDomain(root);
        await this.exporter.start("o2c.debtor", domain, order, root.context);
    }

    async refreshFacts() {
        this.waiting.busy = true;
        try {
            await this.orm.call("o2c.debtor", "action_refresh", []);
            await this.model.load();
            await this.countWaiting();
        } finally {
            this.waiting.busy = false;
        }
    }
}

registry.category("views").add("o2c_debtor_list", {
    ...listView,
    Controller: DebtorListController,
    buttonTemplate: "o2c_base.DebtorListView.Buttons",
});
