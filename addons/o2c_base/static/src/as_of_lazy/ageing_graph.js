import {AsOfGraphController} from "./as_of_graph";
import {GraphModel} from "@web/views/graph/graph_model";
import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {graphView} from "@web/views/graph/graph_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {withAsOf} from "@o2c_base/as_of/as_of_search_model";

/** As the overview draws them: not due calm, then warmer the later. */
const COLORS = [
    "#4ea7f2",
    "#f4c162",
    "#f2a063",
    "#ec7d62",
    "#cc4257",
    "#a02c45",
    "#741b35",
    "#4c0f24",
];

/** The bucket measures in use, youngest first. */
function bucketsOf(measures) {
    const names = Object.keys(measures).filter((name) => /^amount_b\d$/.test(name));
    return ["amount_not_due", ...names.sort()];
}

/** Bars of what is outstanding are made of its buckets. */
export class AgeingGraphModel extends GraphModel {
    async _loadDataPoints(metaData) {
        const [points, currencies] = await super._loadDataPoints(metaData);
        this.bucketOf = new WeakMap();
        if (metaData.mode !== "bar" || metaData.measure !== "amount_outstanding") {
            return [points, currencies];
        }
        const buckets = bucketsOf(metaData.measures);
        const sums = await this._loadSums(metaData, buckets, currencies.size > 1);
        const split = points.flatMap((point) =>
            buckets.map((name) => this._part(point, name, metaData, sums))
        );
        return [split, currencies];
    }

    /** The sum of each bucket by the identifier of its group. */
    async _loadSums(metaData, buckets, isConverted) {
        const specs = metaData.groupBy.map((groupBy) => groupBy.spec);
        const aggregate = (name) => `${name}:${isConverted ? "sum_currency" : "sum"}`;
        const groups = await this.orm.formattedReadGroup(
            metaData.resModel,
            metaData.domain,
            specs,
            buckets.map(aggregate),
            {context: this.searchParams.context}
        );
        const identify = (group) => JSON.stringify(specs.map((spec) => ({[spec]: group[spec]})));
        return Object.fromEntries(
            groups.map((group) => [
                identify(group),
                Object.fromEntries(buckets.map((name) => [name, group[aggregate(name)]])),
            ])
        );
    }

    _part(point, name, metaData, sums) {
        const part = {
            ...point,
            domain: [...point.domain],
            labels: [...point.labels, metaData.measures[name].string],
            value: sums[point.identifier]?.[name] || 0,
        };
        this.bucketOf.set(part.domain, name);
        return part;
    }

    /** The buckets add up by themselves: no second drawing of their sum. */
    _getLineOverlayDataset() {
        return null;
    }
}

/** A bar opens the items behind it rather than the rows of the report. */
export class AgeingGraphRenderer extends GraphRenderer {
    setup() {
        super.setup();
        this.ormService = useService("orm");
    }

    getBarChartData() {
        const data = super.getBarChartData();
        const isSplit = data.datasets.some(({domains}) => this.bucketIn(domains));
        const names = bucketsOf(this.model.metaData.measures);
        for (const dataset of isSplit ? data.datasets : []) {
            const place = names.indexOf(this.bucketIn(dataset.domains));
            dataset.backgroundColor = COLORS[Math.max(place, 0)];
            dataset.borderRadius = 0;
        }
        return data;
    }

    bucketIn(domains = []) {
        return domains.map((domain) => this.model.bucketOf.get(domain)).find(Boolean);
    }

    async openView(domain, _views, _context, newWindow) {
        const measure = this.model.bucketOf.get(domain) || this.model.metaData.measure;
        const action = await this.ormService.call("o2c.ageing", "items_of", [domain, measure], {
            context: this.env.searchModel.context,
        });
        this.actionService.doAction(action, {newWindow});
    }
}

registry.category("views").add("o2c_ageing_graph", {
    ...graphView,
    Controller: AsOfGraphController,
    Model: AgeingGraphModel,
    Renderer: AgeingGraphRenderer,
    SearchModel: withAsOf(graphView.SearchModel),
});
