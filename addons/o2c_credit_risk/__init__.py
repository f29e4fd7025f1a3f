from . import domain, models
