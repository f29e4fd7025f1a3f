def uninstall_hook(env):
    """Cancel the e-mails that wait: core would send them without our checks."""
    messages = env["o2c.chase.message"].search(
        [("state", "!=", "sent"), ("mail_id.state", "in", ("outgoing", "exception"))]
    )
    mails = messages.mail_id
    mails.write({"state": "cancel"})
    mails.mail_message_id.notification_ids.write({"notification_status": "canceled"})
    # Nobody would take up what comes to the receivables address any more.
    env["res.company"].with_context(active_test=False).search([]).o2c_alias_id.unlink()
