import {onWillDestroy} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

const CHANGED = "o2c.debtor/changed";
/** Screens wait a moment, each its own, so that not all of them ask at once. */
const WAIT_MS = 300;
const SPREAD_MS = 700;

/**
 * Hear of customer accounts that others have changed: paid, called, assigned.
 *
 * @param {Function} onChange takes an array of account ids, or null for "many"
 */
export function useDebtorChanges(onChange) {
    const bus = useService("bus_service");
    let changed = new Set();
    let many = false;
    let timer = null;
    const tell = () => {
        const ids = many ? null : [...changed];
        timer = null;
        many = false;
        changed = new Set();
        onChange(ids);
    };
    const hear = ({ids}) => {
        many = many || !ids.length;
        ids.forEach((id) => changed.add(id));
        timer = timer || setTimeout(tell, WAIT_MS + Math.random() * SPREAD_MS);
    };
    bus.subscribe(CHANGED, hear);
    onWillDestroy(() => {
        clearTimeout(timer);
        bus.unsubscribe(CHANGED, hear);
    });
}
