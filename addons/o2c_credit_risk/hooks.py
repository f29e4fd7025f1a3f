def post_init_hook(env):
    """Take the credit limits over that the contacts have already."""
    for root in env["res.company"]._o2c_roots():
        env["o2c.credit.limit"].sudo()._take_over(root)
