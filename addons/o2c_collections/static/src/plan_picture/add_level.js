import {Component, useState} from "@odoo/owl";
import {useAutofocus} from "@web/core/utils/hooks";

/** Asks for the day and the channel of a level that is to be added. */
export class AddLevel extends Component {
    static template = "o2c_collections.AddLevel";
    static props = {
        add: Function,
        channels: Array,
        close: Function,
        days: Number,
    };

    setup() {
        useAutofocus({refName: "days", selectAll: true});
        this.state = useState({channel: "email", days: this.props.days});
    }

    onKeydown(ev) {
        const act = {Enter: () => this.add(), Escape: () => this.props.close()}[ev.key];
        // Escape would leave the form, Enter would press whatever has the focus.
        if (act && ev.target.tagName !== "BUTTON") {
            ev.preventDefault();
            ev.stopPropagation();
            act();
        }
    }

    add() {
        return this.props.add(Math.round(Number(this.state.days)), this.state.channel);
    }
}
