from . import domain, models, wizards
from .hooks import post_init_hook
