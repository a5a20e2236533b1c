import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AliasState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALIAS_STATE_UNSPECIFIED: _ClassVar[AliasState]
    ALIAS_STATE_UNCONFIRMED: _ClassVar[AliasState]
    ALIAS_STATE_CONFIRMED_BY_VENDOR: _ClassVar[AliasState]
    ALIAS_STATE_CONFIRMED_BY_REGULATOR: _ClassVar[AliasState]
    ALIAS_STATE_BLOCKED_BY_VENDOR: _ClassVar[AliasState]
    ALIAS_STATE_BLOCKED_BY_REGULATOR: _ClassVar[AliasState]
    ALIAS_STATE_PRECONFIRMED: _ClassVar[AliasState]
ALIAS_STATE_UNSPECIFIED: AliasState
ALIAS_STATE_UNCONFIRMED: AliasState
ALIAS_STATE_CONFIRMED_BY_VENDOR: AliasState
ALIAS_STATE_CONFIRMED_BY_REGULATOR: AliasState
ALIAS_STATE_BLOCKED_BY_VENDOR: AliasState
ALIAS_STATE_BLOCKED_BY_REGULATOR: AliasState
ALIAS_STATE_PRECONFIRMED: AliasState

class Alias(_message.Message):
    __slots__ = ("name", "sender", "state", "vendor_state", "numeric", "notification_time", "company_name", "contact_given_name", "contact_family_name", "tax_code", "vat_number", "address", "city", "postal_code", "contact_type", "contact_info")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_STATE_FIELD_NUMBER: _ClassVar[int]
    NUMERIC_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPANY_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    VAT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_INFO_FIELD_NUMBER: _ClassVar[int]
    name: str
    sender: str
    state: AliasState
    vendor_state: int
    numeric: bool
    notification_time: _timestamp_pb2.Timestamp
    company_name: str
    contact_given_name: str
    contact_family_name: str
    tax_code: str
    vat_number: str
    address: str
    city: str
    postal_code: str
    contact_type: str
    contact_info: str
    def __init__(self, name: _Optional[str] = ..., sender: _Optional[str] = ..., state: _Optional[_Union[AliasState, str]] = ..., vendor_state: _Optional[int] = ..., numeric: bool = ..., notification_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., company_name: _Optional[str] = ..., contact_given_name: _Optional[str] = ..., contact_family_name: _Optional[str] = ..., tax_code: _Optional[str] = ..., vat_number: _Optional[str] = ..., address: _Optional[str] = ..., city: _Optional[str] = ..., postal_code: _Optional[str] = ..., contact_type: _Optional[str] = ..., contact_info: _Optional[str] = ...) -> None: ...

class CreateAliasRequest(_message.Message):
    __slots__ = ("parent", "alias", "return_alias")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    RETURN_ALIAS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    alias: Alias
    return_alias: bool
    def __init__(self, parent: _Optional[str] = ..., alias: _Optional[_Union[Alias, _Mapping]] = ..., return_alias: bool = ...) -> None: ...

class CreateAliasResponse(_message.Message):
    __slots__ = ("alias",)
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    alias: Alias
    def __init__(self, alias: _Optional[_Union[Alias, _Mapping]] = ...) -> None: ...

class ListAliasesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "hide_unapproved")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    HIDE_UNAPPROVED_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    hide_unapproved: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., hide_unapproved: bool = ...) -> None: ...

class ListAliasesResponse(_message.Message):
    __slots__ = ("aliases", "next_page_token", "total_size")
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedCompositeFieldContainer[Alias]
    next_page_token: str
    total_size: int
    def __init__(self, aliases: _Optional[_Iterable[_Union[Alias, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class GetAliasRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetAliasResponse(_message.Message):
    __slots__ = ("alias",)
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    alias: Alias
    def __init__(self, alias: _Optional[_Union[Alias, _Mapping]] = ...) -> None: ...

class DeleteAliasRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteAliasResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
