import {amount, exactAmount, percent, shortAmount, shortDay} from "./format";
import {Component} from "@odoo/owl";
import {OverviewChart} from "./chart";
import {_t} from "@web/core/l10n/translation";
import {panelRegistry} from "./panel";
import {useLink} from "./link";

const CAP = 4;

/** Draws the range as a line with caps over each bar. */
const whiskers = (weeks, color) => ({
    id: "o2c_whiskers",
    afterDatasetsDraw(chart) {
        const {ctx, scales} = chart;
        ctx.save();
        ctx.strokeStyle = color;
        ctx.lineWidth = 1.5;
        chart.getDatasetMeta(0).data.forEach((bar, index) => {
            const week = weeks[index];
            if (week.low === null) {
                return;
            }
            const low = scales.y.getPixelForValue(week.low);
            const high = scales.y.getPixelForValue(week.high);
            ctx.beginPath();
            ctx.moveTo(bar.x, low);
            ctx.lineTo(bar.x, high);
            for (const end of [low, high]) {
                ctx.moveTo(bar.x - CAP, end);
                ctx.lineTo(bar.x + CAP, end);
            }
            ctx.stroke();
        });
        ctx.restore();
    },
});

/** Money expected in the next 13 weeks, its range, and how good that used to be. */
export class Forecast extends Component {
    static template = "o2c_base.OverviewForecast";
    static components = {OverviewChart};
    static props = {data: Object, currencyId: Number, "*": true};

    setup() {
        this.open = useLink();
        this.shortDay = shortDay;
        this.config = (colors) => this.chartConfig(colors);
        this.openWeek = (index) => this.open(this.props.data.weeks[index].link);
    }

    get hasRange() {
        return this.props.data.weeks[0].low !== null;
    }

    get chartLabel() {
        return _t("Expected receipts by week; the table below says the same.");
    }

    get isEmpty() {
        return !this.props.data.total && !this.props.data.later;
    }

    amount(value) {
        return amount(value, this.props.currencyId);
    }

    exact(value) {
        return exactAmount(value, this.props.currencyId);
    }

    /** A share in percent, or that there is none. */
    share(value) {
        return value === null ? _t("n/a") : percent(value);
    }

    bias(value) {
        if (value === null) {
            return _t("n/a");
        }
        const values = {share: percent(Math.abs(value))};
        return value >= 0
            ? _t("%(share)s too much", values)
            : _t("%(share)s too little", values);
    }

    range(week) {
        return `${this.amount(week.low)} – ${this.amount(week.high)}`;
    }

    chartConfig(colors) {
        const weeks = this.props.data.weeks;
        const currencyId = this.props.currencyId;
        const top = Math.max(...weeks.map((w) => Math.max(w.amount, w.high || 0)));
        return {
            type: "bar",
            data: {
                labels: weeks.map((week) => shortDay(week.start)),
                datasets: [
                    {
                        label: _t("Expected"),
                        data: weeks.map((week) => week.amount),
                        backgroundColor: colors.calm,
                        borderRadius: 2,
                        order: 2,
                    },
                    {
                        label: _t("By due date alone"),
                        type: "line",
                        data: weeks.map((week) => week.due_alone),
                        borderColor: colors.muted,
                        backgroundColor: colors.muted,
                        borderDash: [4, 4],
                        borderWidth: 1.5,
                        pointRadius: 2,
                        order: 1,
                    },
                ],
            },
            options: {
                interaction: {mode: "index", intersect: false},
                scales: {
                    x: {ticks: {color: colors.text}, grid: {display: false}},
                    y: {
                        min: 0,
                        // What is overdue all in the first week would flatten the rest.
                        suggestedMax: top * 1.1,
                        max: top > 0 ? top * 1.25 : undefined,
                        ticks: {
                            color: colors.text,
                            maxTicksLimit: 5,
                            callback: (value) => shortAmount(value, currencyId),
                        },
                        grid: {color: colors.grid},
                    },
                },
                plugins: {
                    legend: {labels: {color: colors.text, boxWidth: 14}},
                    tooltip: {
                        callbacks: {
                            title: ([item]) => {
                                const week = weeks[item.dataIndex];
                                return `${shortDay(week.start)} – ${shortDay(week.end)}`;
                            },
                            label: (item) =>
                                `${item.dataset.label}: ${amount(
                                    item.raw,
                                    currencyId
                                )}`,
                            footer: ([item]) => {
                                const week = weeks[item.dataIndex];
                                return week.low === null
                                    ? ""
                                    : _t("8 of 10 times: %s", this.range(week));
                            },
                        },
                    },
                },
            },
            plugins: [whiskers(weeks, colors.text)],
        };
    }
}

panelRegistry.add("forecast", Forecast);
