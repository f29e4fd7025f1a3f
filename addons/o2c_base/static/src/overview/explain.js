import {Component, onWillStart} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {useLoad} from "./load";
import {useService} from "@web/core/utils/hooks";

/** A metric's formula, what went in and what came out. */
export class ExplainDialog extends Component {
    static template = "o2c_base.OverviewExplain";
    static components = {Dialog};
    static props = {
        metric: String,
        label: String,
        companyId: Number,
        close: Function,
    };

    setup() {
        const orm = useService("orm");
        const {metric, companyId} = this.props;
        this.content = useLoad(() =>
            orm.silent.call("o2c.kpi", "explain", [metric, companyId])
        );
        onWillStart(() => {
            this.content.load();
        });
    }
}
