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

class Gender(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GENDER_UNSPECIFIED: _ClassVar[Gender]
    GENDER_FEMALE: _ClassVar[Gender]
    GENDER_MALE: _ClassVar[Gender]

class UnsubscribeReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNSUBSCRIBE_REASON_UNSPECIFIED: _ClassVar[UnsubscribeReason]
    UNSUBSCRIBE_REASON_NEVER_SUBSCRIBED: _ClassVar[UnsubscribeReason]
    UNSUBSCRIBE_REASON_TOO_MANY_MESSAGES: _ClassVar[UnsubscribeReason]
    UNSUBSCRIBE_REASON_NOT_INTERESTED: _ClassVar[UnsubscribeReason]
    UNSUBSCRIBE_REASON_INCOMPREHENSIBLE: _ClassVar[UnsubscribeReason]
    UNSUBSCRIBE_REASON_DISLIKES_COMPANY: _ClassVar[UnsubscribeReason]
    UNSUBSCRIBE_REASON_OTHER: _ClassVar[UnsubscribeReason]
GENDER_UNSPECIFIED: Gender
GENDER_FEMALE: Gender
GENDER_MALE: Gender
UNSUBSCRIBE_REASON_UNSPECIFIED: UnsubscribeReason
UNSUBSCRIBE_REASON_NEVER_SUBSCRIBED: UnsubscribeReason
UNSUBSCRIBE_REASON_TOO_MANY_MESSAGES: UnsubscribeReason
UNSUBSCRIBE_REASON_NOT_INTERESTED: UnsubscribeReason
UNSUBSCRIBE_REASON_INCOMPREHENSIBLE: UnsubscribeReason
UNSUBSCRIBE_REASON_DISLIKES_COMPANY: UnsubscribeReason
UNSUBSCRIBE_REASON_OTHER: UnsubscribeReason

class Contact(_message.Message):
    __slots__ = ("name", "phone_number", "email", "given_name", "family_name", "gender", "fax", "address", "city", "province", "postal_code", "birth_date", "groups", "subscribe_time", "unsubscribe_time", "unsubscribe_reason", "vendor_unsubscribe_reason", "vendor_gender", "lox24", "smspartner", "organization", "title", "notes", "create_time", "update_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    FAX_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_REASON_FIELD_NUMBER: _ClassVar[int]
    VENDOR_UNSUBSCRIBE_REASON_FIELD_NUMBER: _ClassVar[int]
    VENDOR_GENDER_FIELD_NUMBER: _ClassVar[int]
    LOX24_FIELD_NUMBER: _ClassVar[int]
    SMSPARTNER_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    phone_number: str
    email: str
    given_name: str
    family_name: str
    gender: Gender
    fax: str
    address: str
    city: str
    province: str
    postal_code: str
    birth_date: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    subscribe_time: _timestamp_pb2.Timestamp
    unsubscribe_time: _timestamp_pb2.Timestamp
    unsubscribe_reason: UnsubscribeReason
    vendor_unsubscribe_reason: int
    vendor_gender: str
    lox24: Lox24Contact
    smspartner: SmsPartnerContact
    organization: str
    title: str
    notes: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., phone_number: _Optional[str] = ..., email: _Optional[str] = ..., given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., gender: _Optional[_Union[Gender, str]] = ..., fax: _Optional[str] = ..., address: _Optional[str] = ..., city: _Optional[str] = ..., province: _Optional[str] = ..., postal_code: _Optional[str] = ..., birth_date: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., subscribe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unsubscribe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unsubscribe_reason: _Optional[_Union[UnsubscribeReason, str]] = ..., vendor_unsubscribe_reason: _Optional[int] = ..., vendor_gender: _Optional[str] = ..., lox24: _Optional[_Union[Lox24Contact, _Mapping]] = ..., smspartner: _Optional[_Union[SmsPartnerContact, _Mapping]] = ..., organization: _Optional[str] = ..., title: _Optional[str] = ..., notes: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Lox24Contact(_message.Message):
    __slots__ = ("a", "b", "c", "d", "e", "callback_data")
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    C_FIELD_NUMBER: _ClassVar[int]
    D_FIELD_NUMBER: _ClassVar[int]
    E_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_DATA_FIELD_NUMBER: _ClassVar[int]
    a: str
    b: str
    c: str
    d: str
    e: str
    callback_data: str
    def __init__(self, a: _Optional[str] = ..., b: _Optional[str] = ..., c: _Optional[str] = ..., d: _Optional[str] = ..., e: _Optional[str] = ..., callback_data: _Optional[str] = ...) -> None: ...

class SmsPartnerContact(_message.Message):
    __slots__ = ("date", "url", "custom1", "custom2", "custom3", "custom4", "short_url", "stop_sms")
    DATE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    CUSTOM1_FIELD_NUMBER: _ClassVar[int]
    CUSTOM2_FIELD_NUMBER: _ClassVar[int]
    CUSTOM3_FIELD_NUMBER: _ClassVar[int]
    CUSTOM4_FIELD_NUMBER: _ClassVar[int]
    SHORT_URL_FIELD_NUMBER: _ClassVar[int]
    STOP_SMS_FIELD_NUMBER: _ClassVar[int]
    date: str
    url: str
    custom1: str
    custom2: str
    custom3: str
    custom4: str
    short_url: str
    stop_sms: bool
    def __init__(self, date: _Optional[str] = ..., url: _Optional[str] = ..., custom1: _Optional[str] = ..., custom2: _Optional[str] = ..., custom3: _Optional[str] = ..., custom4: _Optional[str] = ..., short_url: _Optional[str] = ..., stop_sms: bool = ...) -> None: ...

class CreateContactRequest(_message.Message):
    __slots__ = ("parent", "contact")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    contact: Contact
    def __init__(self, parent: _Optional[str] = ..., contact: _Optional[_Union[Contact, _Mapping]] = ...) -> None: ...

class CreateContactResponse(_message.Message):
    __slots__ = ("contact",)
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    contact: Contact
    def __init__(self, contact: _Optional[_Union[Contact, _Mapping]] = ...) -> None: ...

class GetContactRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetContactResponse(_message.Message):
    __slots__ = ("contact",)
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    contact: Contact
    def __init__(self, contact: _Optional[_Union[Contact, _Mapping]] = ...) -> None: ...

class UpdateContactRequest(_message.Message):
    __slots__ = ("contact",)
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    contact: Contact
    def __init__(self, contact: _Optional[_Union[Contact, _Mapping]] = ...) -> None: ...

class UpdateContactResponse(_message.Message):
    __slots__ = ("contact",)
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    contact: Contact
    def __init__(self, contact: _Optional[_Union[Contact, _Mapping]] = ...) -> None: ...

class ListContactsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "group")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    group: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., group: _Optional[str] = ...) -> None: ...

class ListContactsResponse(_message.Message):
    __slots__ = ("contacts", "next_page_token", "total_size")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[Contact]
    next_page_token: str
    total_size: int
    def __init__(self, contacts: _Optional[_Iterable[_Union[Contact, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class DeleteContactRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteContactResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
