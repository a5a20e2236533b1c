"""The client of smsmux, one gRPC API in front of many SMS vendors.

    from smsmux import Client, SendMessageRequest

    with Client() as client:
        sent = client.messages.SendMessage(
            SendMessageRequest(parent="accounts/smsend", recipients=["+393471234567"], text="Ciao!")
        )

Everything is here: `Client` and `AsyncClient`, `Error`, and all messages and enums of `smsmux.v1`.
"""

from importlib.metadata import version as _version

from smsmux._async_client import AsyncClient as AsyncClient
from smsmux._calls import Error as Error
from smsmux._client import Client as Client
from smsmux.v1 import *

__version__ = _version("smsmux")
