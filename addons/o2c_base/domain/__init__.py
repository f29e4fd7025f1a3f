from . import ageing, hash_chain, statement, waterfall
