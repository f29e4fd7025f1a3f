import {Thread} from "@mail/core/common/thread";
import {TimelineRow} from "./timeline_row";

/**
 * The messages of a customer account, with what is no message in between by day:
 * payments above all. Rows belong above the messages of their day.
 */
export class TimelineThread extends Thread {
    static template = "o2c_base.TimelineThread";
    static components = {...Thread.components, TimelineRow};
    static props = [...Thread.props, "rows"];

    get hasRows() {
        return Boolean(this.props.rows.length);
    }

    /** Rows that stand above a message: not older than it, and not shown before. */
    rowsAbove(messages, index) {
        const day = messages[index].datetime.toISODate();
        const newer = index ? messages[index - 1].datetime.toISODate() : undefined;
        return this.props.rows.filter(
            (row) => row.date >= day && (newer === undefined || row.date < newer)
        );
    }

    /** Rows that are older than all messages, once these are all there. */
    rowsBelow(messages) {
        if (this.props.thread.loadOlder) {
            return [];
        }
        const last = messages.at(-1);
        const day = last && last.datetime.toISODate();
        return this.props.rows.filter((row) => !day || row.date < day);
    }
}
