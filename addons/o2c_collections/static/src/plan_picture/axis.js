/** Room left and right of the outermost levels, as a share of the axis. */
const MARGIN = 0.08;
const DAYS_MIN = 14;

/**
 * @param {Number[]} days of the levels
 * @returns {{first: Number, last: Number}} the days at both ends of the axis
 */
export function axisOf(days) {
    const first = Math.min(0, ...days);
    const last = Math.max(DAYS_MIN, ...days);
    const margin = Math.max(1, (last - first) * MARGIN);
    return {first: first - margin, last: last + margin};
}

/**
 * @returns {Number} where a day stands, in percent from the left
 */
export function placeOf(day, {first, last}) {
    return (100 * (day - first)) / (last - first);
}

/**
 * @returns {Number} the day at a place in percent from the left
 */
export function daysAt(place, {first, last}) {
    return Math.round(first + (place / 100) * (last - first));
}

/**
 * The number of a level that is added: numbers stay, and rise with the days.
 *
 * @param {{days: Number, level: Number}[]} steps of the plan
 * @param {Number} days of the new level
 * @returns {Number|null} null if its neighbours leave no number free
 */
export function freeLevel(steps, days) {
    const side = steps.filter((step) => step.days < 0 === days < 0);
    const levels = (some) => some.map((step) => step.level);
    const below = Math.max(0, ...levels(side.filter((step) => step.days <= days)));
    const above = Math.min(...levels(side.filter((step) => step.days > days)));
    return below + 1 < above ? below + 1 : null;
}
