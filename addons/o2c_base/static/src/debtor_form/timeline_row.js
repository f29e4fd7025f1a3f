import {Component} from "@odoo/owl";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";

/** One fact on the timeline that is no message, such as a payment. */
export class TimelineRow extends Component {
    static template = "o2c_base.TimelineRow";
    static props = {row: Object};

    setup() {
        this.action = useService("action");
    }

    get day() {
        return formatDate(deserializeDate(this.props.row.date));
    }

    open() {
        const {res_model, res_id} = this.props.row;
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model,
            res_id,
            views: [[false, "form"]],
        });
    }
}
