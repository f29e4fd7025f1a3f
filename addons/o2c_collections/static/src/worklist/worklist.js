import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useDebtorChanges} from "@o2c_base/changes/changes_hook";
import {useEffect} from "@odoo/owl";

/**
 * A worklist that follows what others do: a payment posted elsewhere takes its row
 * away. While rows are selected it stands still, so that nobody acts on another row
 * than the one he chose.
 */
const Following = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.isStale = false;
            useDebtorChanges(() => this.follow());
            useEffect(
                (count) => {
                    if (!count && this.isStale) {
                        this.follow();
                    }
                },
                () => [this.selectedCount]
            );
        }

        get selectedCount() {
            return (this.model.root.selection || []).length;
        }

        async follow() {
            this.isStale = Boolean(this.selectedCount);
            if (!this.isStale) {
                await this.model.load();
            }
        }
    };

registry.category("views").add("o2c_worklist_list", {
    ...listView,
    Controller: Following(ListController),
});

registry.category("views").add("o2c_worklist_kanban", {
    ...kanbanView,
    Controller: Following(KanbanController),
});
