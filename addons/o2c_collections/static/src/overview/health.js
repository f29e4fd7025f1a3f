import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {Component} from "@odoo/owl";
import {panelRegistry} from "@o2c_base/overview/panel";
import {useLink} from "@o2c_base/overview/link";

/** Whether the machine works: the last run, what waits, and what is stuck. */
export class ChasingHealth extends Component {
    static template = "o2c_collections.OverviewHealth";
    static props = {data: Object, "*": true};

    setup() {
        this.open = useLink();
    }

    get startedAt() {
        const at = this.props.data.run.started_at;
        return at ? formatDateTime(deserializeDateTime(at)) : this.props.data.run.date;
    }

    /** Steps that a person has to decide on stand out, by an icon too. */
    needsSomebody(step) {
        return step.count > 0 && ["failed", "unknown"].includes(step.code);
    }
}

panelRegistry.add("health", ChasingHealth);
