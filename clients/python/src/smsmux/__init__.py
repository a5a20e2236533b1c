"""The client of smsmux, one gRPC API in front of many SMS vendors.

    from smsmux import Client, SendMessageRequest

    with Client() as client:
        sent = client.messages.SendMessage(
            SendMessageRequest(parent="accounts/smsend", recipients=["+393471234567"], text="Ciao!")
        )

Everything is here: `Client` and `AsyncClient`, `Error`, and all messages and enums of `smsmux.v1`.
"""

from importlib.metadata import version as _version

from smsmux._aio import AsyncClient as AsyncClient
from smsmux._calls import Error as Error
from smsmux._client import Client as Client
from smsmux.v1.account_service_pb2 import *
from smsmux.v1.alias_service_pb2 import *
from smsmux.v1.auth_service_pb2 import *
from smsmux.v1.campaign_service_pb2 import *
from smsmux.v1.common_pb2 import *
from smsmux.v1.consent_service_pb2 import *
from smsmux.v1.contact_service_pb2 import *
from smsmux.v1.error_reason_pb2 import *
from smsmux.v1.event_service_pb2 import *
from smsmux.v1.group_service_pb2 import *
from smsmux.v1.inbox_service_pb2 import *
from smsmux.v1.message_service_pb2 import *
from smsmux.v1.number_service_pb2 import *
from smsmux.v1.server_service_pb2 import *
from smsmux.v1.stop_list_service_pb2 import *
from smsmux.v1.subaccount_service_pb2 import *

__version__ = _version("smsmux")
