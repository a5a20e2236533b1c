import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("server_info",)
    SERVER_INFO_FIELD_NUMBER: _ClassVar[int]
    server_info: ServerInfo
    def __init__(self, server_info: _Optional[_Union[ServerInfo, _Mapping]] = ...) -> None: ...

class ServerInfo(_message.Message):
    __slots__ = ("version", "commit", "features", "start_time", "store", "accounts")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    version: str
    commit: str
    features: _containers.RepeatedScalarFieldContainer[str]
    start_time: _timestamp_pb2.Timestamp
    store: ServerStore
    accounts: _containers.RepeatedCompositeFieldContainer[AccountHealth]
    def __init__(self, version: _Optional[str] = ..., commit: _Optional[str] = ..., features: _Optional[_Iterable[str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., store: _Optional[_Union[ServerStore, _Mapping]] = ..., accounts: _Optional[_Iterable[_Union[AccountHealth, _Mapping]]] = ...) -> None: ...

class ServerStore(_message.Message):
    __slots__ = ("engine", "state")
    class Engine(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ENGINE_UNSPECIFIED: _ClassVar[ServerStore.Engine]
        ENGINE_MEMORY: _ClassVar[ServerStore.Engine]
        ENGINE_SQLITE: _ClassVar[ServerStore.Engine]
        ENGINE_POSTGRESQL: _ClassVar[ServerStore.Engine]
    ENGINE_UNSPECIFIED: ServerStore.Engine
    ENGINE_MEMORY: ServerStore.Engine
    ENGINE_SQLITE: ServerStore.Engine
    ENGINE_POSTGRESQL: ServerStore.Engine
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[ServerStore.State]
        STATE_AVAILABLE: _ClassVar[ServerStore.State]
        STATE_UNAVAILABLE: _ClassVar[ServerStore.State]
    STATE_UNSPECIFIED: ServerStore.State
    STATE_AVAILABLE: ServerStore.State
    STATE_UNAVAILABLE: ServerStore.State
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    engine: ServerStore.Engine
    state: ServerStore.State
    def __init__(self, engine: _Optional[_Union[ServerStore.Engine, str]] = ..., state: _Optional[_Union[ServerStore.State, str]] = ...) -> None: ...

class AccountHealth(_message.Message):
    __slots__ = ("name", "vendor", "breaker", "balance", "balance_time")
    class Breaker(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BREAKER_UNSPECIFIED: _ClassVar[AccountHealth.Breaker]
        BREAKER_CLOSED: _ClassVar[AccountHealth.Breaker]
        BREAKER_OPEN: _ClassVar[AccountHealth.Breaker]
        BREAKER_HALF_OPEN: _ClassVar[AccountHealth.Breaker]
    BREAKER_UNSPECIFIED: AccountHealth.Breaker
    BREAKER_CLOSED: AccountHealth.Breaker
    BREAKER_OPEN: AccountHealth.Breaker
    BREAKER_HALF_OPEN: AccountHealth.Breaker
    NAME_FIELD_NUMBER: _ClassVar[int]
    VENDOR_FIELD_NUMBER: _ClassVar[int]
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    BALANCE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    vendor: str
    breaker: AccountHealth.Breaker
    balance: _common_pb2.Money
    balance_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., vendor: _Optional[str] = ..., breaker: _Optional[_Union[AccountHealth.Breaker, str]] = ..., balance: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., balance_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
