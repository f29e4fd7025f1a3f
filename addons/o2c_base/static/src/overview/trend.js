import {day, percent, shortDay} from "./format";
import {Component} from "@odoo/owl";
import {ExplainDialog} from "./explain";
import {OverviewChart} from "./chart";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/core/utils/numbers";
import {panelRegistry} from "./panel";
import {useLink} from "./link";
import {useService} from "@web/core/utils/hooks";

const line = (label, points, color, more) => ({
    label,
    data: points.map(([iso, y]) => ({x: Date.parse(iso), y})),
    borderColor: color,
    backgroundColor: color,
    borderWidth: 2,
    pointRadius: 0,
    pointHitRadius: 8,
    ...more,
});

/** DSO and overdue share over a year, beside their goals, and how far goals got. */
export class Trend extends Component {
    static template = "o2c_base.OverviewTrend";
    static components = {OverviewChart};
    static props = {data: Object, companyId: Number, "*": true};

    setup() {
        this.open = useLink();
        this.day = day;
        this.dialog = useService("dialog");
    }

    explain(chart) {
        this.dialog.add(ExplainDialog, {
            metric: chart.code,
            label: chart.label,
            companyId: this.props.companyId,
        });
    }

    number(value, chart) {
        return chart.unit === "percent"
            ? percent(value, 1)
            : _t("%s days", formatFloat(value, {digits: [69, 1]}));
    }

    /** For both figures, less is better; words, sign and colour say it. */
    changeOf(chart) {
        if (!chart.change) {
            return null;
        }
        const value = chart.change.value;
        if (Math.abs(value) < 0.05) {
            return {text: _t("As 30 days ago"), className: "text-muted"};
        }
        const size =
            chart.unit === "percent"
                ? _t("%s points", formatFloat(Math.abs(value), {digits: [69, 1]}))
                : this.number(Math.abs(value), chart);
        return value > 0
            ? {
                  text: _t("%s more than 30 days ago", size),
                  className: "o_o2c_bad",
                  icon: "fa-arrow-up",
              }
            : {
                  text: _t("%s less than 30 days ago", size),
                  className: "o_o2c_good",
                  icon: "fa-arrow-down",
              };
    }

    config(chart) {
        return (colors) => {
            const datasets = [line(chart.label, chart.points, colors.calm)];
            if (chart.other?.points.length) {
                const more = {borderDash: [2, 3], borderWidth: 1.5};
                datasets.push(
                    line(chart.other.label, chart.other.points, colors.muted, more)
                );
            }
            if (chart.goal) {
                const more = {borderDash: [8, 4], pointRadius: 3};
                datasets.push(
                    line(chart.goal.label, chart.goal.points, colors.good, more)
                );
            }
            return {type: "line", data: {datasets}, options: this.options(chart, colors)};
        };
    }

    options(chart, colors) {
        const ends = [chart.points.at(-1)[0], chart.goal?.until].filter(Boolean);
        return {
            interaction: {mode: "nearest", axis: "x", intersect: false},
            scales: {
                x: {
                    type: "linear",
                    min: Date.parse(chart.points[0][0]),
                    max: Math.max(...ends.map((iso) => Date.parse(iso))),
                    ticks: {
                        color: colors.text,
                        maxTicksLimit: 5,
                        maxRotation: 0,
                        callback: (value) => shortDay(new Date(value).toISOString()),
                    },
                    grid: {display: false},
                },
                y: {
                    beginAtZero: true,
                    ticks: {color: colors.text, maxTicksLimit: 4},
                    grid: {color: colors.grid},
                },
            },
            plugins: {
                legend: {
                    display: Boolean(chart.other?.points.length || chart.goal),
                    labels: {color: colors.text, boxWidth: 14},
                },
                tooltip: {
                    callbacks: {
                        title: ([item]) =>
                            day(new Date(item.parsed.x).toISOString().slice(0, 10)),
                        label: (item) =>
                            `${item.dataset.label}: ${this.number(item.parsed.y, chart)}`,
                    },
                },
            },
        };
    }

    chartLabel(chart) {
        const last = chart.points.length ? chart.points[0][0] : "";
        return _t("%(name)s since %(date)s; now %(value)s", {
            name: chart.label,
            date: last && day(last),
            value: chart.text,
        });
    }
}

panelRegistry.add("trend", Trend);
