import {FormRenderer} from "@web/views/form/form_renderer";
import {TimelineChatter} from "./timeline_chatter";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

/** The customer account: a form whose chatter is the timeline with filters. */
export class DebtorFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        this.mailComponents = {...this.mailComponents, Chatter: TimelineChatter};
    }
}

registry.category("views").add("o2c_debtor_form", {
    ...formView,
    Renderer: DebtorFormRenderer,
});
