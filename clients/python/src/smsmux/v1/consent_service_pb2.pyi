import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import message_service_pb2 as _message_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_ORIGIN_UNSPECIFIED: _ClassVar[ConsentOrigin]
    CONSENT_ORIGIN_KEYWORD: _ClassVar[ConsentOrigin]
    CONSENT_ORIGIN_VENDOR: _ClassVar[ConsentOrigin]
    CONSENT_ORIGIN_IMPORT: _ClassVar[ConsentOrigin]
    CONSENT_ORIGIN_MANUAL: _ClassVar[ConsentOrigin]
    CONSENT_ORIGIN_COMPLAINT: _ClassVar[ConsentOrigin]
    CONSENT_ORIGIN_LEGAL: _ClassVar[ConsentOrigin]
CONSENT_ORIGIN_UNSPECIFIED: ConsentOrigin
CONSENT_ORIGIN_KEYWORD: ConsentOrigin
CONSENT_ORIGIN_VENDOR: ConsentOrigin
CONSENT_ORIGIN_IMPORT: ConsentOrigin
CONSENT_ORIGIN_MANUAL: ConsentOrigin
CONSENT_ORIGIN_COMPLAINT: ConsentOrigin
CONSENT_ORIGIN_LEGAL: ConsentOrigin

class Consent(_message.Message):
    __slots__ = ("brand", "phone_number", "blocked", "origin", "record_time")
    BRAND_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    brand: str
    phone_number: str
    blocked: bool
    origin: ConsentOrigin
    record_time: _timestamp_pb2.Timestamp
    def __init__(self, brand: _Optional[str] = ..., phone_number: _Optional[str] = ..., blocked: bool = ..., origin: _Optional[_Union[ConsentOrigin, str]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ConsentEvidence(_message.Message):
    __slots__ = ("received_message", "text_sha256", "written_to", "message", "account", "caller", "note", "words")
    RECEIVED_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_SHA256_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_TO_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    received_message: str
    text_sha256: str
    written_to: str
    message: str
    account: str
    caller: str
    note: str
    words: str
    def __init__(self, received_message: _Optional[str] = ..., text_sha256: _Optional[str] = ..., written_to: _Optional[str] = ..., message: _Optional[str] = ..., account: _Optional[str] = ..., caller: _Optional[str] = ..., note: _Optional[str] = ..., words: _Optional[str] = ...) -> None: ...

class ConsentRecord(_message.Message):
    __slots__ = ("sequence", "consent", "act_time", "evidence", "number_hash", "evidence_hash", "hash")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    ACT_TIME_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_HASH_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_HASH_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    consent: Consent
    act_time: _timestamp_pb2.Timestamp
    evidence: ConsentEvidence
    number_hash: bytes
    evidence_hash: bytes
    hash: bytes
    def __init__(self, sequence: _Optional[int] = ..., consent: _Optional[_Union[Consent, _Mapping]] = ..., act_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., evidence: _Optional[_Union[ConsentEvidence, _Mapping]] = ..., number_hash: _Optional[bytes] = ..., evidence_hash: _Optional[bytes] = ..., hash: _Optional[bytes] = ...) -> None: ...

class CheckConsentRequest(_message.Message):
    __slots__ = ("parent", "phone_number", "purpose")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    parent: str
    phone_number: str
    purpose: _message_service_pb2.Purpose
    def __init__(self, parent: _Optional[str] = ..., phone_number: _Optional[str] = ..., purpose: _Optional[_Union[_message_service_pb2.Purpose, str]] = ...) -> None: ...

class CheckConsentResponse(_message.Message):
    __slots__ = ("permitted", "consent")
    PERMITTED_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    permitted: bool
    consent: Consent
    def __init__(self, permitted: bool = ..., consent: _Optional[_Union[Consent, _Mapping]] = ...) -> None: ...

class SetConsentRequest(_message.Message):
    __slots__ = ("parent", "phone_number", "blocked", "origin", "act_time", "note")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ACT_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    parent: str
    phone_number: str
    blocked: bool
    origin: ConsentOrigin
    act_time: _timestamp_pb2.Timestamp
    note: str
    def __init__(self, parent: _Optional[str] = ..., phone_number: _Optional[str] = ..., blocked: bool = ..., origin: _Optional[_Union[ConsentOrigin, str]] = ..., act_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class SetConsentResponse(_message.Message):
    __slots__ = ("consents",)
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[Consent]
    def __init__(self, consents: _Optional[_Iterable[_Union[Consent, _Mapping]]] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "show_permitted")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SHOW_PERMITTED_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    show_permitted: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., show_permitted: bool = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("consents", "next_page_token")
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[Consent]
    next_page_token: str
    def __init__(self, consents: _Optional[_Iterable[_Union[Consent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListConsentRecordsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "phone_number")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    phone_number: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., phone_number: _Optional[str] = ...) -> None: ...

class ListConsentRecordsResponse(_message.Message):
    __slots__ = ("records", "next_page_token")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[ConsentRecord]
    next_page_token: str
    def __init__(self, records: _Optional[_Iterable[_Union[ConsentRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ErasePersonRequest(_message.Message):
    __slots__ = ("parent", "phone_number")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    phone_number: str
    def __init__(self, parent: _Optional[str] = ..., phone_number: _Optional[str] = ...) -> None: ...

class ErasePersonResponse(_message.Message):
    __slots__ = ("message_count",)
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    message_count: int
    def __init__(self, message_count: _Optional[int] = ...) -> None: ...
