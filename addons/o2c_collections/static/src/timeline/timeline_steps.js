import {TimelineChatter} from "@o2c_base/debtor_form/timeline_chatter";
import {_t} from "@web/core/l10n/translation";

TimelineChatter.kinds.push({id: "steps", label: _t("Steps"), rows: true});
TimelineChatter.kinds.push({id: "disputes", label: _t("Disputes"), rows: true});
TimelineChatter.kinds.push({id: "promises", label: _t("Promises"), rows: true});
