import {Component, onWillStart, useState} from "@odoo/owl";
import {Checklist} from "./checklist";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {ControlPanel} from "@web/search/control_panel/control_panel";
import {OverviewPanel} from "./panel";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useLoad} from "./load";
import {useService} from "@web/core/utils/hooks";

/**
 * The Overview: its frame is asked for first, then each panel asks for its own
 * figures, so that a slow or broken one holds up no other.
 */
export class Overview extends Component {
    static template = "o2c_base.Overview";
    static components = {Checklist, ControlPanel, OverviewPanel};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        // Counts up when the figures have changed: all panels load anew.
        this.state = useState({turn: 0, busy: false, facts: {}});
        this.frame = useLoad(() => this.orm.silent.call("o2c.overview", "get_frame", []));
        onWillStart(() => {
            this.frame.load();
        });
    }

    get panels() {
        return this.frame.data.has_accounts ? this.frame.data.panels : [];
    }

    get factsAt() {
        return formatDateTime(deserializeDateTime(this.state.facts.at));
    }

    /** Tiles tell how old the stored figures are, for the whole page. */
    noteFacts(facts) {
        this.state.facts = facts;
    }

    async refresh() {
        this.state.busy = true;
        try {
            await this.orm.call("o2c.debtor", "action_refresh", []);
            await this.reload();
        } finally {
            this.state.busy = false;
        }
    }

    async reload() {
        await this.frame.load();
        this.state.turn++;
    }
}

registry.category("actions").add("o2c_base.overview", Overview);
