from . import domain, models, tools, wizards
from .hooks import uninstall_hook
