import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Encoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_UNSPECIFIED: _ClassVar[Encoding]
    ENCODING_GSM_7: _ClassVar[Encoding]
    ENCODING_UCS_2: _ClassVar[Encoding]

class Purpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURPOSE_UNSPECIFIED: _ClassVar[Purpose]
    PURPOSE_MARKETING: _ClassVar[Purpose]
    PURPOSE_TRANSACTIONAL: _ClassVar[Purpose]
    PURPOSE_AUTHENTICATION: _ClassVar[Purpose]

class AttemptOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTEMPT_OUTCOME_UNSPECIFIED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_ACCEPTED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_NOT_SENT: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_REFUSED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_UNKNOWN: _ClassVar[AttemptOutcome]

class DeliveryState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_STATE_UNSPECIFIED: _ClassVar[DeliveryState]
    DELIVERY_STATE_QUEUED: _ClassVar[DeliveryState]
    DELIVERY_STATE_SCHEDULED: _ClassVar[DeliveryState]
    DELIVERY_STATE_SENT: _ClassVar[DeliveryState]
    DELIVERY_STATE_DELIVERED: _ClassVar[DeliveryState]
    DELIVERY_STATE_UNDELIVERABLE: _ClassVar[DeliveryState]
    DELIVERY_STATE_EXPIRED: _ClassVar[DeliveryState]
    DELIVERY_STATE_REJECTED: _ClassVar[DeliveryState]
    DELIVERY_STATE_CANCELLED: _ClassVar[DeliveryState]
    DELIVERY_STATE_UNKNOWN: _ClassVar[DeliveryState]

class LineType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINE_TYPE_UNSPECIFIED: _ClassVar[LineType]
    LINE_TYPE_FIXED_LINE: _ClassVar[LineType]
    LINE_TYPE_MOBILE: _ClassVar[LineType]
    LINE_TYPE_FIXED_LINE_OR_MOBILE: _ClassVar[LineType]
    LINE_TYPE_TOLL_FREE: _ClassVar[LineType]
    LINE_TYPE_PREMIUM_RATE: _ClassVar[LineType]
    LINE_TYPE_SHARED_COST: _ClassVar[LineType]
    LINE_TYPE_VOIP: _ClassVar[LineType]
    LINE_TYPE_PERSONAL_NUMBER: _ClassVar[LineType]
    LINE_TYPE_PAGER: _ClassVar[LineType]
    LINE_TYPE_UAN: _ClassVar[LineType]
    LINE_TYPE_VOICEMAIL: _ClassVar[LineType]

class ConsentVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_VERDICT_UNSPECIFIED: _ClassVar[ConsentVerdict]
    CONSENT_VERDICT_PERMITTED: _ClassVar[ConsentVerdict]
    CONSENT_VERDICT_OPTED_OUT: _ClassVar[ConsentVerdict]

class GuardVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GUARD_VERDICT_UNSPECIFIED: _ClassVar[GuardVerdict]
    GUARD_VERDICT_PERMITTED: _ClassVar[GuardVerdict]
    GUARD_VERDICT_OBSERVED: _ClassVar[GuardVerdict]
    GUARD_VERDICT_REFUSED: _ClassVar[GuardVerdict]
ENCODING_UNSPECIFIED: Encoding
ENCODING_GSM_7: Encoding
ENCODING_UCS_2: Encoding
PURPOSE_UNSPECIFIED: Purpose
PURPOSE_MARKETING: Purpose
PURPOSE_TRANSACTIONAL: Purpose
PURPOSE_AUTHENTICATION: Purpose
ATTEMPT_OUTCOME_UNSPECIFIED: AttemptOutcome
ATTEMPT_OUTCOME_ACCEPTED: AttemptOutcome
ATTEMPT_OUTCOME_NOT_SENT: AttemptOutcome
ATTEMPT_OUTCOME_REFUSED: AttemptOutcome
ATTEMPT_OUTCOME_UNKNOWN: AttemptOutcome
DELIVERY_STATE_UNSPECIFIED: DeliveryState
DELIVERY_STATE_QUEUED: DeliveryState
DELIVERY_STATE_SCHEDULED: DeliveryState
DELIVERY_STATE_SENT: DeliveryState
DELIVERY_STATE_DELIVERED: DeliveryState
DELIVERY_STATE_UNDELIVERABLE: DeliveryState
DELIVERY_STATE_EXPIRED: DeliveryState
DELIVERY_STATE_REJECTED: DeliveryState
DELIVERY_STATE_CANCELLED: DeliveryState
DELIVERY_STATE_UNKNOWN: DeliveryState
LINE_TYPE_UNSPECIFIED: LineType
LINE_TYPE_FIXED_LINE: LineType
LINE_TYPE_MOBILE: LineType
LINE_TYPE_FIXED_LINE_OR_MOBILE: LineType
LINE_TYPE_TOLL_FREE: LineType
LINE_TYPE_PREMIUM_RATE: LineType
LINE_TYPE_SHARED_COST: LineType
LINE_TYPE_VOIP: LineType
LINE_TYPE_PERSONAL_NUMBER: LineType
LINE_TYPE_PAGER: LineType
LINE_TYPE_UAN: LineType
LINE_TYPE_VOICEMAIL: LineType
CONSENT_VERDICT_UNSPECIFIED: ConsentVerdict
CONSENT_VERDICT_PERMITTED: ConsentVerdict
CONSENT_VERDICT_OPTED_OUT: ConsentVerdict
GUARD_VERDICT_UNSPECIFIED: GuardVerdict
GUARD_VERDICT_PERMITTED: GuardVerdict
GUARD_VERDICT_OBSERVED: GuardVerdict
GUARD_VERDICT_REFUSED: GuardVerdict

class Message(_message.Message):
    __slots__ = ("name", "recipients", "sender", "quality", "vendor_message_type", "create_time", "schedule_time", "recipient_count", "sent_count", "credits_used", "credits_remaining", "text", "reference", "price", "vendor_message_ids", "update_time", "attempts", "tag", "purpose", "requested")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    VENDOR_MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREDITS_USED_FIELD_NUMBER: _ClassVar[int]
    CREDITS_REMAINING_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    recipients: _containers.RepeatedCompositeFieldContainer[Recipient]
    sender: str
    quality: _common_pb2.Quality
    vendor_message_type: str
    create_time: _timestamp_pb2.Timestamp
    schedule_time: _timestamp_pb2.Timestamp
    recipient_count: int
    sent_count: int
    credits_used: int
    credits_remaining: int
    text: str
    reference: str
    price: _common_pb2.Money
    vendor_message_ids: _containers.RepeatedScalarFieldContainer[str]
    update_time: _timestamp_pb2.Timestamp
    attempts: _containers.RepeatedCompositeFieldContainer[Attempt]
    tag: str
    purpose: Purpose
    requested: Requested
    def __init__(self, name: _Optional[str] = ..., recipients: _Optional[_Iterable[_Union[Recipient, _Mapping]]] = ..., sender: _Optional[str] = ..., quality: _Optional[_Union[_common_pb2.Quality, str]] = ..., vendor_message_type: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recipient_count: _Optional[int] = ..., sent_count: _Optional[int] = ..., credits_used: _Optional[int] = ..., credits_remaining: _Optional[int] = ..., text: _Optional[str] = ..., reference: _Optional[str] = ..., price: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., vendor_message_ids: _Optional[_Iterable[str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempts: _Optional[_Iterable[_Union[Attempt, _Mapping]]] = ..., tag: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., requested: _Optional[_Union[Requested, _Mapping]] = ...) -> None: ...

class Requested(_message.Message):
    __slots__ = ("sender", "quality", "encoding", "reference")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    sender: str
    quality: _common_pb2.Quality
    encoding: Encoding
    reference: str
    def __init__(self, sender: _Optional[str] = ..., quality: _Optional[_Union[_common_pb2.Quality, str]] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., reference: _Optional[str] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("account", "rule", "recipient_count", "create_time", "outcome", "reason", "explanation", "cause")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    account: str
    rule: int
    recipient_count: int
    create_time: _timestamp_pb2.Timestamp
    outcome: AttemptOutcome
    reason: str
    explanation: str
    cause: str
    def __init__(self, account: _Optional[str] = ..., rule: _Optional[int] = ..., recipient_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[AttemptOutcome, str]] = ..., reason: _Optional[str] = ..., explanation: _Optional[str] = ..., cause: _Optional[str] = ...) -> None: ...

class Recipient(_message.Message):
    __slots__ = ("to", "state", "vendor_code", "vendor_text", "delivery_time", "vendor_message_id", "account", "segment_count", "price", "create_time", "send_time", "rule", "resend")
    TO_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_CODE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_TEXT_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    VENDOR_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RESEND_FIELD_NUMBER: _ClassVar[int]
    to: str
    state: DeliveryState
    vendor_code: str
    vendor_text: str
    delivery_time: _timestamp_pb2.Timestamp
    vendor_message_id: str
    account: str
    segment_count: int
    price: _common_pb2.Money
    create_time: _timestamp_pb2.Timestamp
    send_time: _timestamp_pb2.Timestamp
    rule: int
    resend: Resend
    def __init__(self, to: _Optional[str] = ..., state: _Optional[_Union[DeliveryState, str]] = ..., vendor_code: _Optional[str] = ..., vendor_text: _Optional[str] = ..., delivery_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., vendor_message_id: _Optional[str] = ..., account: _Optional[str] = ..., segment_count: _Optional[int] = ..., price: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rule: _Optional[int] = ..., resend: _Optional[_Union[Resend, _Mapping]] = ...) -> None: ...

class Resend(_message.Message):
    __slots__ = ("account", "vendor_message_id", "state", "vendor_code", "vendor_text", "create_time")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    VENDOR_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_CODE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_TEXT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    account: str
    vendor_message_id: str
    state: DeliveryState
    vendor_code: str
    vendor_text: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, account: _Optional[str] = ..., vendor_message_id: _Optional[str] = ..., state: _Optional[_Union[DeliveryState, str]] = ..., vendor_code: _Optional[str] = ..., vendor_text: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SmSendOptions(_message.Message):
    __slots__ = ("message_type", "return_credits", "return_remaining", "allow_invalid_recipients")
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    RETURN_CREDITS_FIELD_NUMBER: _ClassVar[int]
    RETURN_REMAINING_FIELD_NUMBER: _ClassVar[int]
    ALLOW_INVALID_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    message_type: str
    return_credits: bool
    return_remaining: bool
    allow_invalid_recipients: bool
    def __init__(self, message_type: _Optional[str] = ..., return_credits: bool = ..., return_remaining: bool = ..., allow_invalid_recipients: bool = ...) -> None: ...

class SendMessageRequest(_message.Message):
    __slots__ = ("parent", "recipients", "text", "sender", "quality", "encoding", "schedule_time", "message_id", "reference", "purpose", "tag", "smsend")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    SMSEND_FIELD_NUMBER: _ClassVar[int]
    parent: str
    recipients: _containers.RepeatedScalarFieldContainer[str]
    text: str
    sender: str
    quality: _common_pb2.Quality
    encoding: Encoding
    schedule_time: _timestamp_pb2.Timestamp
    message_id: str
    reference: str
    purpose: Purpose
    tag: str
    smsend: SmSendOptions
    def __init__(self, parent: _Optional[str] = ..., recipients: _Optional[_Iterable[str]] = ..., text: _Optional[str] = ..., sender: _Optional[str] = ..., quality: _Optional[_Union[_common_pb2.Quality, str]] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message_id: _Optional[str] = ..., reference: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., tag: _Optional[str] = ..., smsend: _Optional[_Union[SmSendOptions, _Mapping]] = ...) -> None: ...

class SendMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class TemplateRecipient(_message.Message):
    __slots__ = ("to", "parameters")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TO_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    to: str
    parameters: _containers.ScalarMap[str, str]
    def __init__(self, to: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ...) -> None: ...

class SendTemplatedMessageRequest(_message.Message):
    __slots__ = ("parent", "recipients", "text", "sender", "quality", "encoding", "schedule_time", "message_id", "purpose", "tag", "smsend")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    SMSEND_FIELD_NUMBER: _ClassVar[int]
    parent: str
    recipients: _containers.RepeatedCompositeFieldContainer[TemplateRecipient]
    text: str
    sender: str
    quality: _common_pb2.Quality
    encoding: Encoding
    schedule_time: _timestamp_pb2.Timestamp
    message_id: str
    purpose: Purpose
    tag: str
    smsend: SmSendOptions
    def __init__(self, parent: _Optional[str] = ..., recipients: _Optional[_Iterable[_Union[TemplateRecipient, _Mapping]]] = ..., text: _Optional[str] = ..., sender: _Optional[str] = ..., quality: _Optional[_Union[_common_pb2.Quality, str]] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message_id: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., tag: _Optional[str] = ..., smsend: _Optional[_Union[SmSendOptions, _Mapping]] = ...) -> None: ...

class SendTemplatedMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class SendGroupMessageRequest(_message.Message):
    __slots__ = ("parent", "groups", "text", "sender", "quality", "encoding", "schedule_time", "message_id", "purpose", "tag", "smsend")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    SMSEND_FIELD_NUMBER: _ClassVar[int]
    parent: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    text: str
    sender: str
    quality: _common_pb2.Quality
    encoding: Encoding
    schedule_time: _timestamp_pb2.Timestamp
    message_id: str
    purpose: Purpose
    tag: str
    smsend: SmSendOptions
    def __init__(self, parent: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., text: _Optional[str] = ..., sender: _Optional[str] = ..., quality: _Optional[_Union[_common_pb2.Quality, str]] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message_id: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., tag: _Optional[str] = ..., smsend: _Optional[_Union[SmSendOptions, _Mapping]] = ...) -> None: ...

class SendGroupMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class GetMessageRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class CancelMessageRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CancelMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: Message
    def __init__(self, message: _Optional[_Union[Message, _Mapping]] = ...) -> None: ...

class ListMessagesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "start_time", "end_time", "state", "recipient", "reference", "tag")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    state: DeliveryState
    recipient: str
    reference: str
    tag: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[DeliveryState, str]] = ..., recipient: _Optional[str] = ..., reference: _Optional[str] = ..., tag: _Optional[str] = ...) -> None: ...

class ListMessagesResponse(_message.Message):
    __slots__ = ("messages", "next_page_token")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[Message]
    next_page_token: str
    def __init__(self, messages: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListVendorMessagesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "start_time", "end_time")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListVendorMessagesResponse(_message.Message):
    __slots__ = ("messages", "next_page_token", "total_size")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[Message]
    next_page_token: str
    total_size: int
    def __init__(self, messages: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class AnalyzeMessageRequest(_message.Message):
    __slots__ = ("message", "region_code")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    message: SendMessageRequest
    region_code: str
    def __init__(self, message: _Optional[_Union[SendMessageRequest, _Mapping]] = ..., region_code: _Optional[str] = ...) -> None: ...

class AnalyzeMessageResponse(_message.Message):
    __slots__ = ("numbers", "encoding", "ucs_2_characters", "unit_count", "segment_count", "units_left", "refusals", "warnings", "decisions")
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    UCS_2_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    UNIT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNITS_LEFT_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    numbers: _containers.RepeatedCompositeFieldContainer[AnalyzedNumber]
    encoding: Encoding
    ucs_2_characters: _containers.RepeatedScalarFieldContainer[str]
    unit_count: int
    segment_count: int
    units_left: int
    refusals: _containers.RepeatedCompositeFieldContainer[Refusal]
    warnings: _containers.RepeatedCompositeFieldContainer[Refusal]
    decisions: _containers.RepeatedCompositeFieldContainer[RouteDecision]
    def __init__(self, numbers: _Optional[_Iterable[_Union[AnalyzedNumber, _Mapping]]] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., ucs_2_characters: _Optional[_Iterable[str]] = ..., unit_count: _Optional[int] = ..., segment_count: _Optional[int] = ..., units_left: _Optional[int] = ..., refusals: _Optional[_Iterable[_Union[Refusal, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[Refusal, _Mapping]]] = ..., decisions: _Optional[_Iterable[_Union[RouteDecision, _Mapping]]] = ...) -> None: ...

class RouteDecision(_message.Message):
    __slots__ = ("recipients", "rule", "accounts", "sender", "refusal", "passed_over", "segment_count", "prices", "consent", "guard", "guard_rule", "unpriced", "quiet_hours", "permitted_time")
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    PASSED_OVER_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRICES_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    GUARD_FIELD_NUMBER: _ClassVar[int]
    GUARD_RULE_FIELD_NUMBER: _ClassVar[int]
    UNPRICED_FIELD_NUMBER: _ClassVar[int]
    QUIET_HOURS_FIELD_NUMBER: _ClassVar[int]
    PERMITTED_TIME_FIELD_NUMBER: _ClassVar[int]
    recipients: _containers.RepeatedScalarFieldContainer[int]
    rule: int
    accounts: _containers.RepeatedScalarFieldContainer[str]
    sender: str
    refusal: str
    passed_over: _containers.RepeatedCompositeFieldContainer[PassedOver]
    segment_count: int
    prices: _containers.RepeatedCompositeFieldContainer[KnownPrice]
    consent: ConsentVerdict
    guard: GuardVerdict
    guard_rule: str
    unpriced: bool
    quiet_hours: GuardVerdict
    permitted_time: _timestamp_pb2.Timestamp
    def __init__(self, recipients: _Optional[_Iterable[int]] = ..., rule: _Optional[int] = ..., accounts: _Optional[_Iterable[str]] = ..., sender: _Optional[str] = ..., refusal: _Optional[str] = ..., passed_over: _Optional[_Iterable[_Union[PassedOver, _Mapping]]] = ..., segment_count: _Optional[int] = ..., prices: _Optional[_Iterable[_Union[KnownPrice, _Mapping]]] = ..., consent: _Optional[_Union[ConsentVerdict, str]] = ..., guard: _Optional[_Union[GuardVerdict, str]] = ..., guard_rule: _Optional[str] = ..., unpriced: bool = ..., quiet_hours: _Optional[_Union[GuardVerdict, str]] = ..., permitted_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class KnownPrice(_message.Message):
    __slots__ = ("account", "price", "segment_count")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    price: _common_pb2.Money
    segment_count: int
    def __init__(self, account: _Optional[str] = ..., price: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., segment_count: _Optional[int] = ...) -> None: ...

class PassedOver(_message.Message):
    __slots__ = ("rule", "account", "reason")
    RULE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    rule: int
    account: str
    reason: str
    def __init__(self, rule: _Optional[int] = ..., account: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class AnalyzedNumber(_message.Message):
    __slots__ = ("input", "phone_number", "valid", "region_code", "line_type", "problem")
    INPUT_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALID_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    LINE_TYPE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    input: str
    phone_number: str
    valid: bool
    region_code: str
    line_type: LineType
    problem: str
    def __init__(self, input: _Optional[str] = ..., phone_number: _Optional[str] = ..., valid: bool = ..., region_code: _Optional[str] = ..., line_type: _Optional[_Union[LineType, str]] = ..., problem: _Optional[str] = ...) -> None: ...

class ReportConversionRequest(_message.Message):
    __slots__ = ("name", "recipients")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    recipients: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., recipients: _Optional[_Iterable[str]] = ...) -> None: ...

class ReportConversionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...
