import {Component, status, useComponent, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {useLink} from "./link";
import {useService} from "@web/core/utils/hooks";

/** What leads a new company to its first reminder; each item opens its screen. */
export class Checklist extends Component {
    static template = "o2c_base.OverviewChecklist";
    static props = {checklist: Object, reload: Function};

    setup() {
        this.component = useComponent();
        this.orm = useService("orm");
        this.action = useService("action");
        this.tours = useService("tour_service");
        this.open = useLink();
        this.state = useState({unfolded: this.props.checklist.is_open, busy: false});
    }

    get next() {
        return this.props.checklist.items.find((item) => item.state !== "done");
    }

    icon(item) {
        return {
            done: "fa-check-circle o_o2c_good",
            warning: "fa-exclamation-triangle o_o2c_warn",
            todo: "fa-circle-o text-muted",
        }[item.state];
    }

    /** The state in words, for who does not see the icon. */
    stateLabel(item) {
        return {done: _t("Done"), warning: _t("Look at this"), todo: _t("To do")}[
            item.state
        ];
    }

    async go(item) {
        if (item.link) {
            return this.open(item.link);
        }
        const action = await this.once(() => this.orm.call(...item.call));
        if (action) {
            await this.action.doAction(action);
        }
        // The screen that opened may have taken this one's place.
        return status(this.component) === "destroyed" ? null : this.props.reload();
    }

    /** Lead through the list, step by step, on the real screens. */
    showMe() {
        return this.tours.startTour(this.props.checklist.tour, {
            mode: "manual",
            redirect: false,
        });
    }

    async tick(item) {
        await this.once(() => this.orm.call("o2c.overview", "action_tick", [item.code]));
        return this.props.reload();
    }

    async dismiss() {
        await this.once(() =>
            this.orm.call("o2c.overview", "action_dismiss_checklist", [])
        );
        return this.props.reload();
    }

    async once(call) {
        this.state.busy = true;
        try {
            return await call();
        } finally {
            this.state.busy = false;
        }
    }
}
