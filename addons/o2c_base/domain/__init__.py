from . import ageing, hash_chain, paging, statement, waterfall
