import {formatCurrency} from "@web/core/currency";
import {formatFloat} from "@web/core/utils/numbers";
import {localization} from "@web/core/l10n/localization";

const {DateTime} = luxon;

/** An amount without its decimals: what is read at a glance. */
export function amount(value, currencyId) {
    return formatCurrency(Math.round(value), currencyId, {digits: [69, 0]});
}

/** The same to the cent, for the tooltip. */
export function exactAmount(value, currencyId) {
    return formatCurrency(value, currencyId);
}

/** A short amount for axes. */
export function shortAmount(value, currencyId) {
    return formatCurrency(value, currencyId, {humanReadable: true, digits: [69, 0]});
}

export function percent(value, digits = 0) {
    return `${formatFloat(value, {digits: [69, digits]})} %`;
}

/** A day of the server as text in the user's format. */
export function day(iso) {
    return DateTime.fromISO(iso).toFormat(localization.dateFormat);
}

/** A day and month only, for axes. */
export function shortDay(iso) {
    return DateTime.fromISO(iso).toLocaleString({day: "numeric", month: "short"});
}
