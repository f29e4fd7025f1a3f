"""Why a customer is chased today, or is not.

One code is the outcome of every decision. The text says what is the matter and,
where a person can mend it, what to do.
"""

#: Nothing is done about the customer today.
NOT_DUE_REASONS = {
    "paid": "Nothing is overdue any more",
    "not_due": "Nothing is due yet",
    "paused_until": "Paused until a date",
    "archived": "The contact is archived: unarchive it, or write the debt off",
    "invoice_not_sent": "What is overdue was not sent: send the invoices, or let the "
    "plan ask for invoices that were not sent",
    "no_followup": "All that is overdue is excluded from follow-up",
    "before_chase_from": "All that is overdue is older than the chase-from date: "
    "include it in the clean-up list",
    "disputed": "What is overdue is disputed",
    "promised": "What is overdue is promised",
    "in_transit": "The payment is under way",
    "covered_by_credit": "Unapplied credit covers what is overdue: match it",
    "below_tolerance": "The amount is below the plan's tolerance",
    "not_in_pilot": "Not invited to the pilot: only shown, nobody is contacted",
    "no_plan": "No chase plan applies: create one or choose one for the customer",
    "no_levels": "The chase plan has no levels: add one",
    "no_level_for_amount": "The chase plan has no level for this amount: add one, or "
    "choose another plan for the customer",
    "waiting_level": "The next level is not reached yet",
    "too_soon": "The last contact is too recent",
    "plan_finished": "The plan has ended; the next look is planned",
    "in_progress": "The step of this level is under way",
    "failed": "The step of this level failed: see the message and decide",
    "unknown": "It is unknown whether the last message arrived: decide on it",
    "no_template": "The level has no e-mail template: choose one",
    "no_sender": "The company has no e-mail address to send from: enter one",
    "contact_cap": "Contacted often enough for now: the step follows later",
    "no_working_day": "No working day: the step follows on the next one",
    "not_worth_it": "The debt is smaller than what the contact costs: write it off, or "
    "change the plan's channel",
}

#: Something is done; the reason may ask a person to mend something.
DUE_REASONS = {
    "due": "Due",
    "due_soon": "A reminder before the due date",
    "no_address": "No e-mail address: another channel is used, enter an address",
    "several_addresses": "Several addresses in one e-mail field: another channel is "
    "used, keep one address",
    "bad_address": "The e-mail address is not valid: another channel is used, correct "
    "it",
    "address_failed": "Mail to this address was refused: another channel is used, "
    "correct it",
    "no_phone": "No phone number: another channel is used, enter a number",
    "bad_phone": "The phone number cannot get text messages: another channel is used, "
    "correct it",
    "phone_failed": "Text messages to this number were refused: another channel is "
    "used, correct it",
    "no_postal_address": "No complete postal address: another channel is used, enter "
    "street and city",
    "not_printed": "The letter was not printed in time: another channel is used, print "
    "letters within 14 days",
    "no_language": "The customer has no language: written in the company's",
    "no_rate": "A currency has no rate: amounts in company currency may be wrong, "
    "enter a rate",
}

#: Why an action that was planned did not happen.
SKIP_REASONS = {
    "figures_changed": "The figures changed before sending",
    "template_error": "The e-mail template could not be rendered: correct it",
    "perform_error": "The step could not be carried out: see the error",
    "recipient_changed": "The address changed before sending",
    "too_old": "The message was written too long ago",
    "already_today": "A message went to this address today: next day",
    "activity_removed": "The activity was deleted",
    "planned_anew": "A person asked for it to be planned anew",
    "step_changed": "Another step of the plan applies by now: it is planned anew",
    "merged": "The customer was merged with another one",
    "step_closed": "The step was closed before sending",
    "mail_cancelled": "A person cancelled the e-mail",
    "smtp_rejected": "The mail server refused the address",
    "smtp_gave_up": "The mail server could not be reached for too long",
    "sms_rejected": "The text message could not be delivered to this number",
    "sms_gave_up": "The text message service could not be reached for too long",
    "quiet_hours": "It is night where the customer is: it follows in the morning",
}

REASONS = {**NOT_DUE_REASONS, **DUE_REASONS, **SKIP_REASONS}

#: Reasons that hold a contact back for a while and do not undo it.
HOLDING = ("contact_cap", "no_working_day")
#: Reasons under which a pending step is still right.
STILL_RIGHT = ("in_progress", "failed", "unknown", *HOLDING)

#: Reasons to leave a customer alone altogether, with steps of single items too.
CUSTOMER_RESTS = ("paused_until", "archived", "not_in_pilot")

#: Longest time after which somebody looks at a resting customer again.
REVIEW_DAYS = 90
