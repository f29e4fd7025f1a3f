import {amount, exactAmount, percent} from "./format";
import {Component} from "@odoo/owl";
import {panelRegistry} from "./panel";
import {useLink} from "./link";

/** Who owes most; a click opens the customer account. */
export class Exposures extends Component {
    static template = "o2c_base.OverviewExposures";
    static props = {data: Object, currencyId: Number, "*": true};

    setup() {
        this.open = useLink();
        this.percent = percent;
    }

    amount(value) {
        return amount(value, this.props.currencyId);
    }

    exact(value) {
        return exactAmount(value, this.props.currencyId);
    }

    width(row) {
        return Math.round((100 * row.outstanding) / this.props.data.rows[0].outstanding);
    }

    openAccount(row) {
        return this.open({
            action: "o2c_base.o2c_debtor_action",
            name: row.name,
            domain: [],
            context: {},
            res_id: row.id,
        });
    }
}

panelRegistry.add("exposures", Exposures);
