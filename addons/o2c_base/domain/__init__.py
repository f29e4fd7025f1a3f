from . import ageing, hash_chain, waterfall
