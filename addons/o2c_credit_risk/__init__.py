from . import domain, models
from .hooks import post_init_hook
