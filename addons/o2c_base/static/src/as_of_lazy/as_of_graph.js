import {AsOfBar} from "@o2c_base/as_of/as_of_bar";
import {GraphController} from "@web/views/graph/graph_controller";
import {graphView} from "@web/views/graph/graph_view";
import {registry} from "@web/core/registry";
import {withAsOf} from "@o2c_base/as_of/as_of_search_model";

export class AsOfGraphController extends GraphController {
    static template = "o2c_base.AsOfGraphView";
    static components = {...GraphController.components, AsOfBar};

    exportDomain() {
        return this.env.searchModel.domain;
    }
}

registry.category("views").add("o2c_open_item_graph", {
    ...graphView,
    Controller: AsOfGraphController,
    SearchModel: withAsOf(graphView.SearchModel),
});
