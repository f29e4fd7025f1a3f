import {AsOfBar} from "./as_of_bar";
import {AsOfSearchModel} from "./as_of_search_model";
import {ListController} from "@web/views/list/list_controller";
import {ListRenderer} from "@web/views/list/list_renderer";
import {exportDomain} from "../export/export_service";
import {listView} from "@web/views/list/list_view";
import {orderByToString} from "@web/search/utils/order_by";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

export class AsOfListController extends ListController {
    static template = "o2c_base.AsOfListView";
    static components = {...ListController.components, AsOfBar};

    exportDomain() {
        return exportDomain(this.model.root);
    }

    exportOrder() {
        return orderByToString(this.model.root.orderBy);
    }
}

/** A click on an amount opens the items behind it, in a row as in a group. */
export class AgeingListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.actionService = useService("action");
        this.ormService = useService("orm");
    }

    async onCellClicked(record, column, ev, newWindow) {
        const measure = this.measureOf(column);
        if (!measure || this.props.list.selection.length) {
            return super.onCellClicked(record, column, ev, newWindow);
        }
        const action = await this.ormService.call(
            record.resModel,
            "action_open_items",
            [[record.resId]],
            {context: {...record.context, o2c_measure: measure}}
        );
        return this.actionService.doAction(action, {newWindow});
    }

    async onGroupHeaderClicked(ev, group) {
        const cell = ev.target.closest("td.o_list_number");
        const cells = cell && [...cell.parentElement.querySelectorAll(":scope > td")];
        const measure = cell && this.measureOf(this.getAggregateColumns(group)[cells.indexOf(cell)]);
        if (!measure || ev.target.closest("sup")) {
            return super.onGroupHeaderClicked(ev, group);
        }
        const action = await this.ormService.call(
            group.resModel,
            "items_of",
            [group.groupDomain, measure],
            {context: group.context}
        );
        return this.actionService.doAction(action);
    }

    measureOf(column) {
        const name = column?.type === "field" ? column.name : "";
        return name.startsWith("amount_") ? name : "";
    }
}

registry.category("views").add("o2c_open_item_list", {
    ...listView,
    Controller: AsOfListController,
    SearchModel: AsOfSearchModel,
});

registry.category("views").add("o2c_ageing_list", {
    ...listView,
    Controller: AsOfListController,
    Renderer: AgeingListRenderer,
    SearchModel: AsOfSearchModel,
});
