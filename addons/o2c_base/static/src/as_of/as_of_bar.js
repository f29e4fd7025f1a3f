import {Component, onWillStart, useState} from "@odoo/owl";
import {useBus, useService} from "@web/core/utils/hooks";
import {KeepLast} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {formatCurrency} from "@web/core/currency";
import {rpcBus} from "@web/core/network/rpc";
import {user} from "@web/core/user";

const {DateTime} = luxon;

/** Labels of buckets for which cached views were thrown away: once each. */
const forgotten = new Set();

/**
 * Above receivables: the day asked for, whether they agree with the general ledger,
 * and the way to Excel.
 */
export class AsOfBar extends Component {
    static template = "o2c_base.AsOfBar";
    static props = {
        resModel: String,
        fields: Object,
        exportDomain: Function,
        exportOrder: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.exporter = useService("o2c_export");
        this.state = useState({tie: null, failed: false, busy: false, money: false});
        this.keepLast = new KeepLast();
        useBus(this.env.searchModel, "update", () => this.loadTie());
        onWillStart(async () => {
            this.state.money = await user.hasGroup("base.group_multi_currency");
        });
        this.loadTie();
    }

    get search() {
        return this.env.searchModel;
    }

    get asOf() {
        return this.search.o2cAsOf;
    }

    get showsMoney() {
        return this.state.money && this.props.resModel === "o2c.ageing";
    }

    get context() {
        const {o2c_as_of, o2c_in_currency} = this.search.context;
        return {...user.context, o2c_as_of, o2c_in_currency};
    }

    // ------------------------------------------------------------------
    // The day
    // ------------------------------------------------------------------

    onDateChange(ev) {
        const day = DateTime.fromISO(ev.target.value);
        if (day.isValid || !ev.target.value) {
            this.choose(day.isValid ? day.toISODate() : false);
        }
    }

    chooseMonthEnd() {
        const end = DateTime.now().startOf("month").minus({days: 1});
        this.choose(end.toISODate());
    }

    choose(day) {
        this.search.o2cChoose({o2c_as_of: day});
    }

    toggleCurrency() {
        this.search.o2cChoose({o2c_in_currency: !this.search.o2cInCurrency});
    }

    // ------------------------------------------------------------------
    // The ledger
    // ------------------------------------------------------------------

    /** Read beside the page: it shows before the whole ledger was summed. */
    async loadTie() {
        const asked = JSON.stringify(this.context);
        if (asked === this.asked) {
            return;
        }
        this.asked = asked;
        this.state.tie = null;
        this.state.failed = false;
        try {
            const call = this.orm.silent.call("o2c.ageing", "ledger_tie", [], {
                context: this.context,
            });
            const {tie, labels} = await this.keepLast.add(call);
            this.state.tie = tie;
            this.forgetOldLabels(labels);
        } catch {
            this.state.failed = true;
        }
    }

    money(amount, line) {
        return formatCurrency(amount, line.currency_id);
    }

    openDifferences() {
        this.action.doAction("o2c_base.o2c_ledger_difference_action", {
            additionalContext: {o2c_as_of: this.asOf || false},
        });
    }

    /**
     * Views are cached in the browser for all companies alike; where the buckets
     * have other limits than those of the cached view, it is loaded afresh.
     */
    forgetOldLabels(labels) {
        const shown = this.shownLabels();
        const key = JSON.stringify([labels, user.activeCompany.id]);
        if (JSON.stringify(shown) === JSON.stringify(labels) || forgotten.has(key)) {
            return;
        }
        forgotten.add(key);
        rpcBus.trigger("CLEAR-CACHES", "get_views");
        this.action.doAction("soft_reload");
    }

    shownLabels() {
        const {fields} = this.props;
        if (fields.bucket) {
            return fields.bucket.selection.map(([, label]) => label);
        }
        const names = ["not_due", "b1", "b2", "b3", "b4", "b5", "b6", "b7"];
        return names
            .map((name) => fields[`amount_${name}`])
            .filter(Boolean)
            .map((field) => field.string);
    }

    // ------------------------------------------------------------------
    // Excel
    // ------------------------------------------------------------------

    async exportRows() {
        this.state.busy = true;
        try {
            const domain = await this.props.exportDomain();
            const order = this.props.exportOrder?.();
            await this.exporter.start(this.props.resModel, domain, order, this.context);
        } finally {
            this.state.busy = false;
        }
    }

    get title() {
        return {
            monthEnd: _t("Last day of the month before this one"),
            excel: _t("All rows found, or those selected, as an Excel file"),
        };
    }
}
