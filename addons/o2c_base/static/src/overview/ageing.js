import {amount, exactAmount, percent} from "./format";
import {Component} from "@odoo/owl";
import {panelRegistry} from "./panel";
import {useLink} from "./link";

/** What is open by bucket, as bars that open their items. */
export class AgeingBars extends Component {
    static template = "o2c_base.OverviewAgeing";
    static props = {data: Object, currencyId: Number, "*": true};

    setup() {
        this.open = useLink();
    }

    amount(value) {
        return amount(value, this.props.currencyId);
    }

    exact(value) {
        return exactAmount(value, this.props.currencyId);
    }

    /** Credits may outweigh a bucket: the bar shows its size, the sign its direction. */
    width(bar) {
        const sizes = this.props.data.bars.map((b) => Math.abs(b.amount));
        return Math.round((100 * Math.abs(bar.amount)) / (Math.max(...sizes) || 1));
    }

    share(bar) {
        const total = this.props.data.total;
        return total > 0 ? percent((100 * bar.amount) / total) : "";
    }

    shade(index) {
        const last = this.props.data.bars.length - 1;
        return index === 0 ? 0 : Math.max(1, Math.ceil((4 * index) / last));
    }
}

panelRegistry.add("ageing", AgeingBars);
