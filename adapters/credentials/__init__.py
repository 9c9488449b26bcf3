"""Secrets at rest: the master key, the keys of streams, tokens, and links for an administrator.

Nothing here is a fact of the business, so none of it is in the log. The master key is never in the database;
everything else lies there encrypted by it, or only as a hash. One refresher of tokens at a time, over all processes.
"""

from adapters.credentials.keyring import Keyring
from adapters.credentials.links import LinkProblem, Links
from adapters.credentials.master_key import KeyProblem, MasterKey
from adapters.credentials.token_store import TokenStore
from adapters.credentials.tokens import Refresher, Tokens

__all__ = ["KeyProblem", "Keyring", "LinkProblem", "Links", "MasterKey", "Refresher", "TokenStore", "Tokens"]
