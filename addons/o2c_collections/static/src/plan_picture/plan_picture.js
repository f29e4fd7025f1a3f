import {Component, onWillStart, useRef, useState} from "@odoo/owl";
import {axisOf, daysAt, freeLevel, placeOf} from "./axis";
import {AddLevel} from "./add_level";
import {RecordSelector} from "@web/core/record_selectors/record_selector";
import {StepLetter} from "./step_letter";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/core/utils/numbers";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const ICONS = {
    call: "fa-phone",
    email: "fa-envelope",
    letter: "fa-file-text",
    sms: "fa-mobile",
    todo: "fa-check-square",
};
const DAYS = {max: 3650, min: -365};

/** A chase plan as a picture: its levels on a day axis around the due date. */
export class PlanPicture extends Component {
    static template = "o2c_collections.PlanPicture";
    static components = {AddLevel, RecordSelector, StepLetter};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.axis = useRef("axis");
        this.state = useState({
            debtorId: false,
            isAdding: false,
            selectedId: false,
        });
        onWillStart(() => this.loadCustomer());
    }

    /** The customers for whom a letter can be shown. */
    get customers() {
        const company = this.props.record.data.company_id;
        const owing = [["amount_outstanding", ">", 0]];
        return company ? [...owing, ["company_id", "=", company.id]] : owing;
    }

    async loadCustomer() {
        const options = {limit: 1};
        const [first] = await this.orm.search("o2c.debtor", this.customers, options);
        this.state.debtorId = first || false;
    }

    get steps() {
        const steps = [...this.props.record.data.step_ids.records];
        return steps.sort(
            (a, b) => a.data.days - b.data.days || a.data.level - b.data.level
        );
    }

    get range() {
        return axisOf(this.steps.map((step) => step.data.days));
    }

    get selected() {
        return this.steps.find((step) => step.id === this.state.selectedId);
    }

    get channels() {
        const field = this.props.record.data.step_ids.fields.channel;
        return field ? field.selection : [];
    }

    get finalText() {
        const {final_action: action, repeat_days: days} = this.props.record.data;
        const texts = {
            hand_over: _t("then it is handed over"),
            person: _t("then a person decides"),
            repeat: _t("then the last level again every %s days", days),
        };
        return texts[action] || "";
    }

    place(days) {
        return `${placeOf(days, this.range)}%`;
    }

    icon(step) {
        return ICONS[step.data.channel] || "fa-circle";
    }

    label(step) {
        const {days, level} = step.data;
        return days < 0
            ? _t("%s days before", -days)
            : _t("Level %(level)s · %(days)s days", {days, level});
    }

    /** Which amounts a line is for, where a level has several lines. */
    band(step) {
        const {amount_min: from, amount_max: below} = step.data;
        if (below) {
            return from
                ? _t("%(from)s to %(below)s", {
                      below: formatFloat(below, {digits: [16, 0]}),
                      from: formatFloat(from, {digits: [16, 0]}),
                  })
                : _t("below %s", formatFloat(below, {digits: [16, 0]}));
        }
        return from ? _t("from %s", formatFloat(from, {digits: [16, 0]})) : "";
    }

    title(step) {
        const channel = this.channels.find(([code]) => code === step.data.channel);
        return `${this.label(step)}, ${channel ? channel[1] : ""}`;
    }

    select(step) {
        this.state.selectedId = this.state.selectedId === step.id ? false : step.id;
    }

    // Edited in place

    setDays(step, days) {
        const whole = Math.round(Number(days));
        if (!this.props.readonly && Number.isFinite(whole)) {
            step.update({days: Math.max(DAYS.min, Math.min(DAYS.max, whole))});
        }
    }

    /** What is proposed for a new level: the gap after the last one. */
    get nextDays() {
        const last = this.steps.at(-1);
        return last ? last.data.days + (this.props.record.data.gap_days || 1) : 1;
    }

    async addLevel(days, channel) {
        const steps = this.steps.map((step) => step.data);
        const level = freeLevel(steps, days);
        const problem =
            !Number.isFinite(days) || days < DAYS.min || days > DAYS.max
                ? _t("Enter a day from 365 before to 3650 after the due date.")
                : !level &&
                  _t("No number is free between the levels around that day: choose one after the last level, or move that one.");
        if (problem) {
            this.notification.add(problem, {type: "warning"});
            return;
        }
        const letter = steps.findLast((step) => step.template_id)?.template_id;
        const list = this.props.record.data.step_ids;
        const step = await list.addNewRecord({
            context: {default_template_id: letter ? letter.id : false},
            mode: "readonly",
            position: "bottom",
        });
        await step.update({channel, days, level});
        Object.assign(this.state, {isAdding: false, selectedId: step.id});
    }

    set(step, name, value) {
        step.update({[name]: value});
    }

    onKeydown(step, ev) {
        const by = {ArrowLeft: -1, ArrowRight: 1}[ev.key];
        if (by) {
            ev.preventDefault();
            this.state.selectedId = step.id;
            this.setDays(step, step.data.days + by);
        }
    }

    /** Drag a level along the axis; a click without a move selects it. */
    onPointerdown(step, ev) {
        if (this.props.readonly || ev.button !== 0) {
            return;
        }
        const box = this.axis.el.getBoundingClientRect();
        const range = this.range;
        const start = ev.clientX;
        const button = ev.target.closest("button");
        const {left} = button.style;
        let isMoved = false;
        const move = (event) => {
            isMoved = isMoved || Math.abs(event.clientX - start) > 4;
            if (isMoved) {
                const share = (event.clientX - box.left) / box.width;
                step._o2cDays = daysAt(share * 100, range);
                button.style.left = `${share * 100}%`;
            }
        };
        const drop = (event) => {
            window.removeEventListener("pointermove", move);
            window.removeEventListener("pointerup", drop);
            window.removeEventListener("pointercancel", drop);
            if (event.type === "pointercancel") {
                // The system took the touch over: nothing was meant.
                button.style.left = left;
            } else if (isMoved) {
                this.state.selectedId = step.id;
                this.setDays(step, step._o2cDays);
            }
        };
        window.addEventListener("pointermove", move);
        window.addEventListener("pointerup", drop);
        window.addEventListener("pointercancel", drop);
    }
}

registry.category("view_widgets").add("o2c_plan_picture", {
    component: PlanPicture,
    fieldDependencies: [
        {name: "final_action", type: "selection"},
        {name: "gap_days", type: "integer"},
        {name: "repeat_days", type: "integer"},
    ],
});
