import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";

/** How far a large file is. */
export class ExportDialog extends Component {
    static template = "o2c_base.ExportDialog";
    static components = {Dialog};
    static props = {status: Object, listen: Function, close: Function};

    setup() {
        this.status = useState({...this.props.status});
        this.props.listen((status) => Object.assign(this.status, status));
    }

    get percent() {
        return Math.floor(this.status.progress);
    }
}
