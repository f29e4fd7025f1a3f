import {SearchModel} from "@web/search/search_model";
import {makeContext} from "@web/core/context";

const KEYS = ["o2c_as_of", "o2c_in_currency"];

/**
 * A search model that also knows the day asked for and the currency shown.
 *
 * Both travel in the context, so that the rows, their groups, what is opened from
 * them and files all mean the same day. They stay when the kind of view changes.
 *
 * @param {Function} Base search model to extend
 * @returns {Function} search model
 */
export function withAsOf(Base) {
    return class extends Base {
        setup() {
            super.setup(...arguments);
            this.o2cChosen = {};
        }

        async load(config) {
            this._takeGiven(config.context || {});
            await super.load(...arguments);
        }

        /** What an action was opened with is the first choice. */
        _takeGiven(context) {
            for (const key of KEYS) {
                if (context[key] !== undefined) {
                    this.o2cChosen[key] = context[key];
                }
            }
        }

        get o2cAsOf() {
            return this.context.o2c_as_of || "";
        }

        get o2cInCurrency() {
            return Boolean(this.context.o2c_in_currency);
        }

        /**
         * @param {Object} choice values by context key; false takes it back
         */
        o2cChoose(choice) {
            Object.assign(this.o2cChosen, choice);
            this._notify();
        }

        exportState() {
            return {...super.exportState(), o2cChosen: this.o2cChosen};
        }

        _importState(state) {
            super._importState(...arguments);
            this.o2cChosen = {...this.o2cChosen, ...state.o2cChosen};
        }

        _getContext() {
            return makeContext([super._getContext(), this.o2cChosen]);
        }
    };
}

export const AsOfSearchModel = withAsOf(SearchModel);
