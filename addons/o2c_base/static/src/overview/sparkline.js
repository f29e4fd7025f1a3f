import {Component} from "@odoo/owl";

const WIDTH = 100;
const HEIGHT = 24;

/** A small line without axes; points are [ISO day, value]. */
export class Sparkline extends Component {
    static template = "o2c_base.Sparkline";
    static props = {points: Array, label: {type: String, optional: true}};

    get path() {
        const times = this.props.points.map(([day]) => Date.parse(day));
        const values = this.props.points.map(([, value]) => value);
        const [start, end] = [times[0], times[times.length - 1]];
        const low = Math.min(...values);
        const span = Math.max(...values) - low;
        const spots = values.map((value, index) => {
            const x = ((times[index] - start) / (end - start || 1)) * WIDTH;
            const part = span ? (value - low) / span : 0.5;
            const y = HEIGHT - 2 - part * (HEIGHT - 4);
            return `${x.toFixed(1)},${y.toFixed(1)}`;
        });
        return `M${spots.join("L")}`;
    }
}
