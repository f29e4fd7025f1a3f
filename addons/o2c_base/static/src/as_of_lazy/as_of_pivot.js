import {AsOfBar} from "@o2c_base/as_of/as_of_bar";
import {PivotController} from "@web/views/pivot/pivot_controller";
import {PivotRenderer} from "@web/views/pivot/pivot_renderer";
import {pivotView} from "@web/views/pivot/pivot_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {withAsOf} from "@o2c_base/as_of/as_of_search_model";

export class AsOfPivotController extends PivotController {
    static template = "o2c_base.AsOfPivotView";
    static components = {...PivotController.components, AsOfBar};

    exportDomain() {
        return this.env.searchModel.domain;
    }
}

/** A cell opens the items behind it rather than the rows of the report. */
export class AgeingPivotRenderer extends PivotRenderer {
    setup() {
        super.setup();
        this.ormService = useService("orm");
    }

    async onOpenView(cell, newWindow) {
        if (cell.value === undefined || this.model.metaData.disableLinking) {
            return;
        }
        const group = {rowValues: cell.groupId[0], colValues: cell.groupId[1]};
        const action = await this.ormService.call(
            "o2c.ageing",
            "items_of",
            [this.model.getGroupDomain(group), cell.measure],
            {context: this.env.searchModel.context}
        );
        this.actionService.doAction(action, {newWindow});
    }
}

const asOfPivotView = {
    ...pivotView,
    Controller: AsOfPivotController,
    SearchModel: withAsOf(pivotView.SearchModel),
};

registry.category("views").add("o2c_open_item_pivot", asOfPivotView);
registry
    .category("views")
    .add("o2c_ageing_pivot", {...asOfPivotView, Renderer: AgeingPivotRenderer});
