import os
from odoo import models
class Canary(models.Model):
    _name = 'o2c.canary'
    _description = 'Canary'
    def sing(self):
        print('la')
        self.env.cr.commit()
