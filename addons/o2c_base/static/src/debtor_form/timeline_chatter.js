import "@mail/chatter/web/chatter_patch";
import {Chatter} from "@mail/chatter/web_portal/chatter";
import {Thread} from "@mail/core/common/thread_model";
import {fields} from "@mail/core/common/record";
import {TimelineRow} from "./timeline_row";
import {TimelineThread} from "./timeline_thread";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {rpc} from "@web/core/network/rpc";

/** The chatter of a customer account: its timeline, with filters. */
export class TimelineChatter extends Chatter {
    static template = "o2c_base.TimelineChatter";
    static components = {...Chatter.components, Thread: TimelineThread, TimelineRow};
    /** Filters: those with `rows` show facts, the others messages. */
    static kinds = [
        {id: "all", label: _t("All")},
        {id: "messages", label: _t("Messages")},
        {id: "calls", label: _t("Calls")},
        {id: "payments", label: _t("Payments"), rows: true},
    ];

    setup() {
        super.setup();
        this.state.rows = [];
    }

    get kinds() {
        return this.constructor.kinds;
    }

    get kind() {
        const id = this.state.thread.o2cKind;
        return this.kinds.find((kind) => kind.id === id) || this.kinds[0];
    }

    /** The rows that the present filter shows. */
    get rows() {
        const kind = this.kind;
        if (kind.id === "all") {
            return this.state.rows.filter((row) => row.in_all);
        }
        return this.state.rows.filter((row) => row.kind === kind.id);
    }

    async chooseKind(kind) {
        const thread = this.state.thread;
        thread.o2cKind = kind.id;
        if (!kind.rows) {
            thread.messages = [];
            await thread.loadAround();
        }
    }

    async load(thread, requestList) {
        await Promise.all([super.load(thread, requestList), this.loadRows(thread)]);
    }

    async loadRows(thread) {
        if (thread.id) {
            const rows = await this.orm.call("o2c.debtor", "timeline_rows", [
                [thread.id],
            ]);
            if (this.state.thread && this.state.thread.eq(thread)) {
                this.state.rows = rows;
            }
        }
    }
}

patch(Thread.prototype, {
    setup() {
        super.setup();
        this.o2cKind = fields.Attr("all");
    },

    /** Customer accounts: only messages of the kind that the filter shows. */
    async fetchMessagesData(params = {}) {
        if (this.model !== "o2c.debtor" || this.o2cKind === "all") {
            return super.fetchMessagesData(params);
        }
        const {after, around, before} = params;
        const limit = this.store.FETCH_LIMIT * (around ? 2 : 1);
        return rpc(this.getFetchRoute(), {
            ...this.getFetchParams(),
            fetch_params: {limit, after, around, before, o2c_kind: this.o2cKind},
        });
    },
});
