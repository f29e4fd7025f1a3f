import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    onWillUnmount,
    useRef,
} from "@odoo/owl";
import {loadBundle} from "@web/core/assets";

/** Colours of the page, light or dark, as the style sheet has them. */
export function pageColors(element) {
    const style = getComputedStyle(element);
    const pick = (name) => style.getPropertyValue(name).trim();
    return {
        text: style.color,
        calm: pick("--o2c-calm"),
        good: pick("--o2c-good"),
        bad: pick("--o2c-bad"),
        warn: pick("--o2c-warn"),
        grid: "rgba(128, 128, 128, 0.2)",
        muted: "rgba(128, 128, 128, 0.9)",
    };
}

/**
 * A chart of the Chart.js that Odoo ships. What it says is also in a text beside it:
 * a canvas tells nothing to who cannot see it.
 */
export class OverviewChart extends Component {
    static template = "o2c_base.OverviewChart";
    static props = {
        /** Takes the colours, returns the configuration. */
        config: Function,
        label: String,
        height: {type: String, optional: true},
        /** Called with the index of the point that was clicked. */
        onPoint: {type: Function, optional: true},
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        onMounted(() => this.draw());
        onPatched(() => this.draw());
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const config = this.props.config(pageColors(this.canvas.el));
        config.options = {
            animation: false,
            responsive: true,
            maintainAspectRatio: false,
            onClick: (_event, points) => points.length && this.click(points[0].index),
            onHover: (event, points) => {
                event.native.target.style.cursor =
                    points.length && this.props.onPoint ? "pointer" : "default";
            },
            ...config.options,
        };
        // eslint-disable-next-line no-undef
        this.chart = new Chart(this.canvas.el, config);
    }

    click(index) {
        this.props.onPoint?.(index);
    }
}
