import {AsOfBar} from "@o2c_base/as_of/as_of_bar";
import {GraphController} from "@web/views/graph/graph_controller";
import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {graphView} from "@web/views/graph/graph_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {withAsOf} from "@o2c_base/as_of/as_of_search_model";

export class AsOfGraphController extends GraphController {
    static template = "o2c_base.AsOfGraphView";
    static components = {...GraphController.components, AsOfBar};

    exportDomain() {
        return this.env.searchModel.domain;
    }
}

/** A bar opens the items behind it rather than the rows of the report. */
export class AgeingGraphRenderer extends GraphRenderer {
    setup() {
        super.setup();
        this.ormService = useService("orm");
    }

    async openView(domain, _views, _context, newWindow) {
        const action = await this.ormService.call(
            "o2c.ageing",
            "items_of",
            [domain, this.model.metaData.measure],
            {context: this.env.searchModel.context}
        );
        this.actionService.doAction(action, {newWindow});
    }
}

const asOfGraphView = {
    ...graphView,
    Controller: AsOfGraphController,
    SearchModel: withAsOf(graphView.SearchModel),
};

registry.category("views").add("o2c_open_item_graph", asOfGraphView);
registry
    .category("views")
    .add("o2c_ageing_graph", {...asOfGraphView, Renderer: AgeingGraphRenderer});
