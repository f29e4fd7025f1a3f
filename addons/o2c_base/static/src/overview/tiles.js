import {Component, onWillStart, onWillUpdateProps} from "@odoo/owl";
import {amount, exactAmount, percent} from "./format";
import {Sparkline} from "./sparkline";
import {_t} from "@web/core/l10n/translation";
import {panelRegistry} from "./panel";
import {useLink} from "./link";

/** The key figures; each one opens the customer accounts whose sum it is. */
export class Tiles extends Component {
    static template = "o2c_base.OverviewTiles";
    static components = {Sparkline};
    static props = {data: Object, currencyId: Number, noteFacts: Function, "*": true};

    setup() {
        this.open = useLink();
        this.percent = percent;
        const tell = ({data}) =>
            this.props.noteFacts({at: data.facts_at, waiting: data.waiting});
        onWillStart(() => tell(this.props));
        onWillUpdateProps((next) => next.data !== this.props.data && tell(next));
    }

    amount(value) {
        return amount(value, this.props.currencyId);
    }

    exact(value) {
        return exactAmount(value, this.props.currencyId);
    }

    /** Direction in words, sign and colour; the colour never says it alone. */
    changeOf(tile) {
        if (!tile.change) {
            return {text: _t("No figure of 30 days ago yet"), className: "text-muted"};
        }
        const value = tile.change.value;
        if (!Math.round(value)) {
            return {text: _t("As 30 days ago"), className: "text-muted"};
        }
        const up = value > 0;
        const values = {amount: this.amount(Math.abs(value))};
        const isGood = tile.good && (tile.good === "up") === up;
        return {
            icon: up ? "fa-arrow-up" : "fa-arrow-down",
            text: up
                ? _t("%(amount)s more than 30 days ago", values)
                : _t("%(amount)s less than 30 days ago", values),
            className: tile.good
                ? isGood
                    ? "o_o2c_good"
                    : "o_o2c_bad"
                : "text-muted",
        };
    }
}

panelRegistry.add("tiles", Tiles);
