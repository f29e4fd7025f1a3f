from . import controllers, domain, models, report, tools, wizards
from .hooks import post_init_hook
