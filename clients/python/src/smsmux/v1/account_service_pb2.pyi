import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import common_pb2 as _common_pb2
from smsmux.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Account(_message.Message):
    __slots__ = ("name", "vendor", "methods", "allow_caller_credential", "route_shares")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VENDOR_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    ALLOW_CALLER_CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    ROUTE_SHARES_FIELD_NUMBER: _ClassVar[int]
    name: str
    vendor: str
    methods: _containers.RepeatedScalarFieldContainer[str]
    allow_caller_credential: bool
    route_shares: _containers.RepeatedCompositeFieldContainer[RouteShare]
    def __init__(self, name: _Optional[str] = ..., vendor: _Optional[str] = ..., methods: _Optional[_Iterable[str]] = ..., allow_caller_credential: bool = ..., route_shares: _Optional[_Iterable[_Union[RouteShare, _Mapping]]] = ...) -> None: ...

class RouteShare(_message.Message):
    __slots__ = ("account", "share", "end_time")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    account: str
    share: float
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, account: _Optional[str] = ..., share: _Optional[float] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("accounts", "next_page_token", "total_size")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    next_page_token: str
    total_size: int
    def __init__(self, accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class GetAccountRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetAccountResponse(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: Account
    def __init__(self, account: _Optional[_Union[Account, _Mapping]] = ...) -> None: ...

class SetRouteShareRequest(_message.Message):
    __slots__ = ("name", "account", "share", "duration")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    account: str
    share: float
    duration: _duration_pb2.Duration
    def __init__(self, name: _Optional[str] = ..., account: _Optional[str] = ..., share: _Optional[float] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SetRouteShareResponse(_message.Message):
    __slots__ = ("route_share",)
    ROUTE_SHARE_FIELD_NUMBER: _ClassVar[int]
    route_share: RouteShare
    def __init__(self, route_share: _Optional[_Union[RouteShare, _Mapping]] = ...) -> None: ...

class GetDashboardUrlRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetDashboardUrlResponse(_message.Message):
    __slots__ = ("url",)
    URL_FIELD_NUMBER: _ClassVar[int]
    url: str
    def __init__(self, url: _Optional[str] = ...) -> None: ...

class GetAccountStatusRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetAccountStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: AccountStatus
    def __init__(self, status: _Optional[_Union[AccountStatus, _Mapping]] = ...) -> None: ...

class AccountStatus(_message.Message):
    __slots__ = ("money", "credits", "email_plan", "landing_json")
    MONEY_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_PLAN_FIELD_NUMBER: _ClassVar[int]
    LANDING_JSON_FIELD_NUMBER: _ClassVar[int]
    money: _common_pb2.Money
    credits: _containers.RepeatedCompositeFieldContainer[Credit]
    email_plan: EmailPlan
    landing_json: str
    def __init__(self, money: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., credits: _Optional[_Iterable[_Union[Credit, _Mapping]]] = ..., email_plan: _Optional[_Union[EmailPlan, _Mapping]] = ..., landing_json: _Optional[str] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("message_type", "quality", "quantity")
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    message_type: str
    quality: _common_pb2.Quality
    quantity: int
    def __init__(self, message_type: _Optional[str] = ..., quality: _Optional[_Union[_common_pb2.Quality, str]] = ..., quantity: _Optional[int] = ...) -> None: ...

class EmailPlan(_message.Message):
    __slots__ = ("bandwidth", "purchase_date", "billing", "expire_date")
    BANDWIDTH_FIELD_NUMBER: _ClassVar[int]
    PURCHASE_DATE_FIELD_NUMBER: _ClassVar[int]
    BILLING_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_DATE_FIELD_NUMBER: _ClassVar[int]
    bandwidth: float
    purchase_date: str
    billing: str
    expire_date: str
    def __init__(self, bandwidth: _Optional[float] = ..., purchase_date: _Optional[str] = ..., billing: _Optional[str] = ..., expire_date: _Optional[str] = ...) -> None: ...
