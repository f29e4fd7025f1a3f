import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {Component} from "@odoo/owl";
import {panelRegistry} from "@o2c_base/overview/panel";
import {useLink} from "@o2c_base/overview/link";
import {useService} from "@web/core/utils/hooks";

/** Whether the suite's own checks passed: green or red, and what waits for whom. */
export class SelfCheck extends Component {
    static template = "o2c_collections.OverviewControl";
    static props = {data: Object, "*": true};

    setup() {
        this.open = useLink();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    at(check) {
        return check.at ? formatDateTime(deserializeDateTime(check.at)) : "";
    }

    icon(check) {
        return {
            good: "fa-check-circle o_o2c_good",
            none: "fa-clock-o text-muted",
        }[check.state] || "fa-exclamation-circle o_o2c_bad";
    }

    async checkNow() {
        this.action.doAction(
            await this.orm.call("o2c.self.check", "action_check_now", [[]])
        );
    }
}

panelRegistry.add("control", SelfCheck);
