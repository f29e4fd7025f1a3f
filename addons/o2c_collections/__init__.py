from . import domain, models, tools
