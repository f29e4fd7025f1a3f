import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";

/** What a level says to a real customer: the letter, or the script of the call. */
export class StepLetter extends Component {
    static template = "o2c_collections.StepLetter";
    static props = {
        step: Object,
        channel: String,
        debtorId: [Number, Boolean],
        templateId: [Number, Boolean],
        days: Number,
    };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({letter: null});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    async load({channel, days, debtorId, templateId}) {
        const wanted = JSON.stringify([channel, days < 0, debtorId, templateId]);
        if (wanted === this.wanted) {
            return;
        }
        this.wanted = wanted;
        if (channel !== "email" || !debtorId || !templateId) {
            this.state.letter = null;
            return;
        }
        this.state.letter = await this.keepLast.add(
            this.orm.call("o2c.chase.plan", "preview_message", [
                templateId,
                debtorId,
                days,
            ])
        );
    }
}
