from . import domain, models, tools
from .hooks import uninstall_hook
