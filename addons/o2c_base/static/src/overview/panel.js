import {Component, onError, onWillStart, onWillUpdateProps} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useLoad} from "./load";
import {useService} from "@web/core/utils/hooks";

/** Components that show a panel's data, by its code; add-ons add their own. */
export const panelRegistry = registry.category("o2c_overview_panels");

/**
 * One panel: loads its figures after the page stands, and shows that it is loading,
 * that it failed and how to try again, or the component registered for it.
 */
export class OverviewPanel extends Component {
    static template = "o2c_base.OverviewPanel";
    static props = {
        panel: Object,
        currencyId: Number,
        companyId: Number,
        turn: Number,
        noteFacts: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.content = useLoad(() =>
            this.orm.silent.call("o2c.overview", "get_panel", [this.props.panel.code])
        );
        // What breaks while one panel is drawn must not take the page with it.
        onError((error) => {
            console.warn(error.cause || error);
            this.content.fail();
        });
        onWillStart(() => this.start());
        onWillUpdateProps((next) => {
            if (next.turn !== this.props.turn) {
                this.start();
            }
        });
    }

    /** Not awaited: the page stands before its figures come. */
    start() {
        this.content.load();
    }

    get component() {
        return panelRegistry.get(this.props.panel.code, null);
    }

    get isStrip() {
        return this.props.panel.size === "strip";
    }
}
