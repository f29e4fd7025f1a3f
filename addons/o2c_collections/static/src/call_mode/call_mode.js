import {Component, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useDebtorChanges} from "@o2c_base/changes/changes_hook";
import {useCallKeys} from "./call_keys";
import {useService} from "@web/core/utils/hooks";

/** Further actions of call mode: add-ons add {Component, sequence} here. */
export const callActions = registry.category("o2c_call_mode_actions");

/** What the snooze proposes. */
const SNOOZE_DAYS = 7;
const EMPTY = {
    outcome: "",
    note: "",
    date: "",
    isDateMine: false,
    partnerId: false,
    promiseAmount: "",
    promiseDate: "",
};

/**
 * Call mode: one customer after the other, with what is needed to call him, by
 * keyboard. What came of a call goes onto the customer's timeline.
 */
export class CallMode extends Component {
    static template = "o2c_collections.CallMode";
    static props = {...standardActionServiceProps};
    static target = "fullscreen";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.state = useState({
            queue: [],
            position: 0,
            card: null,
            form: {...EMPTY},
            isSnoozing: false,
            snoozeDate: "",
            isBusy: false,
            isChanged: false,
            called: 0,
        });
        useCallKeys(this);
        useDebtorChanges((ids) => this.onChange(ids));
        useEffect(
            (outcome) => {
                const amount = this.root.el?.querySelector("[name=promise_amount]");
                if (outcome === "promised" && amount) {
                    amount.focus();
                    amount.select();
                }
            },
            () => [this.state.form.outcome]
        );
        onWillStart(async () => {
            const chosen = this.props.action.context?.o2c_debtor_ids || [];
            this.state.queue = await this.orm.call("o2c.worklist", "call_queue", [chosen]);
            await this.show(0);
        });
    }

    get extras() {
        return callActions.getAll();
    }

    get progress() {
        return _t("%(position)s of %(count)s", {
            position: this.state.position + 1,
            count: this.state.queue.length,
        });
    }

    get isDone() {
        return this.state.position >= this.state.queue.length;
    }

    get person() {
        const {card, form} = this.state;
        return card.people.find((one) => one.id === form.partnerId);
    }

    // ------------------------------------------------------------------
    // Going through the queue
    // ------------------------------------------------------------------

    async show(position) {
        const {state} = this;
        state.position = Math.max(0, position);
        const card = this.isDone ? null : await this.ask();
        Object.assign(state, {card, isSnoozing: false, isChanged: false});
        if (!card) {
            return;
        }
        state.form = {
            ...EMPTY,
            partnerId: card.partner_id,
            promiseAmount: card.promise.amount || "",
            promiseDate: card.promise.date,
        };
        state.snoozeDate = luxon.DateTime.now().plus({days: SNOOZE_DAYS}).toISODate();
        // Keys speak to the next customer at once, not to the last one's note.
        document.activeElement?.blur();
        this.root.el?.querySelector("main").scrollTo(0, 0);
    }

    ask() {
        const id = this.state.queue[this.state.position];
        return this.orm.call("o2c.worklist", "call_card", [id]);
    }

    next() {
        return this.show(this.state.position + 1);
    }

    previous() {
        return this.show(this.state.position - 1);
    }

    /** Somebody else changed the customer on the screen: show it, keep what is typed. */
    async onChange(ids) {
        const {card, isBusy} = this.state;
        if (!card || isBusy || (ids && !ids.includes(card.id))) {
            return;
        }
        const fresh = await this.ask();
        if (this.state.card?.id === fresh.id && !this.state.isBusy) {
            Object.assign(this.state, {card: fresh, isChanged: true});
        }
    }

    // ------------------------------------------------------------------
    // What came of it
    // ------------------------------------------------------------------

    choose(outcome) {
        const {form} = this.state;
        form.outcome = outcome.code;
        if (!form.isDateMine) {
            form.date = outcome.date_next;
        }
    }

    /** A click leaves no focus behind: Enter then logs the call. */
    onOutcome(outcome, ev) {
        ev.currentTarget.blur();
        this.choose(outcome);
    }

    setDate(date) {
        Object.assign(this.state.form, {date, isDateMine: true});
    }

    async save() {
        const {card, form} = this.state;
        if (!card.may_write) {
            return;
        }
        if (!form.outcome) {
            this.notification.add(_t("Say what came of the call: keys 1 to 9."), {
                type: "warning",
            });
            return;
        }
        await this.once(async () => {
            const more = await this.orm.call("o2c.worklist", "log_call", [
                card.id,
                {
                    outcome: form.outcome,
                    note: form.note,
                    partner_id: form.partnerId,
                    date_next: form.date,
                    promise_amount: form.promiseAmount,
                    promise_date: form.promiseDate,
                },
            ]);
            this.state.called++;
            await this.next();
            if (more.res_model) {
                await this.action.doAction(more);
            }
        });
    }

    async snooze() {
        const {card, snoozeDate} = this.state;
        await this.once(async () => {
            await this.orm.call("o2c.worklist", "snooze", [card.id, snoozeDate]);
            await this.next();
        });
    }

    async once(act) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            await act();
        } finally {
            this.state.isBusy = false;
        }
    }

    // ------------------------------------------------------------------
    // Leaving
    // ------------------------------------------------------------------

    leave() {
        return this.action.doAction("o2c_collections.o2c_worklist_action", {
            clearBreadcrumbs: true,
        });
    }

    open() {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "o2c.debtor",
                res_id: this.state.card.id,
                views: [[false, "form"]],
            },
            {clearBreadcrumbs: true}
        );
    }
}

registry.category("actions").add("o2c_collections.call_mode", CallMode);
