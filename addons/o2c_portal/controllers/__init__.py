from . import link, receivables, documents, pay, say, preferences, autopay
