import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import inbox_service_pb2 as _inbox_service_pb2
from smsmux.v1 import message_service_pb2 as _message_service_pb2
from smsmux.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_TYPE_UNSPECIFIED: _ClassVar[EventType]
    EVENT_TYPE_MESSAGE_STATE_CHANGED: _ClassVar[EventType]
    EVENT_TYPE_MESSAGE_RECEIVED: _ClassVar[EventType]
    EVENT_TYPE_CONSENT_CHANGED: _ClassVar[EventType]
    EVENT_TYPE_ACCOUNT_CHANGED: _ClassVar[EventType]
    EVENT_TYPE_UNREADABLE_PUSH: _ClassVar[EventType]
    EVENT_TYPE_CONSENT_SUSPECTED: _ClassVar[EventType]

class EventSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_SOURCE_UNSPECIFIED: _ClassVar[EventSource]
    EVENT_SOURCE_CALL: _ClassVar[EventSource]
    EVENT_SOURCE_LOOKUP: _ClassVar[EventSource]
    EVENT_SOURCE_POLL: _ClassVar[EventSource]
    EVENT_SOURCE_PUSH: _ClassVar[EventSource]
    EVENT_SOURCE_OPERATOR: _ClassVar[EventSource]
EVENT_TYPE_UNSPECIFIED: EventType
EVENT_TYPE_MESSAGE_STATE_CHANGED: EventType
EVENT_TYPE_MESSAGE_RECEIVED: EventType
EVENT_TYPE_CONSENT_CHANGED: EventType
EVENT_TYPE_ACCOUNT_CHANGED: EventType
EVENT_TYPE_UNREADABLE_PUSH: EventType
EVENT_TYPE_CONSENT_SUSPECTED: EventType
EVENT_SOURCE_UNSPECIFIED: EventSource
EVENT_SOURCE_CALL: EventSource
EVENT_SOURCE_LOOKUP: EventSource
EVENT_SOURCE_POLL: EventSource
EVENT_SOURCE_PUSH: EventSource
EVENT_SOURCE_OPERATOR: EventSource

class Event(_message.Message):
    __slots__ = ("name", "sequence", "type", "occur_time", "receive_time", "source", "confirmed", "message_state", "received_message", "consent", "account", "unreadable", "consent_suspected")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_STATE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_SUSPECTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    sequence: int
    type: EventType
    occur_time: _timestamp_pb2.Timestamp
    receive_time: _timestamp_pb2.Timestamp
    source: EventSource
    confirmed: bool
    message_state: MessageStateChanged
    received_message: _inbox_service_pb2.ReceivedMessage
    consent: ConsentChanged
    account: AccountChanged
    unreadable: UnreadablePush
    consent_suspected: ConsentSuspected
    def __init__(self, name: _Optional[str] = ..., sequence: _Optional[int] = ..., type: _Optional[_Union[EventType, str]] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[_Union[EventSource, str]] = ..., confirmed: bool = ..., message_state: _Optional[_Union[MessageStateChanged, _Mapping]] = ..., received_message: _Optional[_Union[_inbox_service_pb2.ReceivedMessage, _Mapping]] = ..., consent: _Optional[_Union[ConsentChanged, _Mapping]] = ..., account: _Optional[_Union[AccountChanged, _Mapping]] = ..., unreadable: _Optional[_Union[UnreadablePush, _Mapping]] = ..., consent_suspected: _Optional[_Union[ConsentSuspected, _Mapping]] = ...) -> None: ...

class MessageStateChanged(_message.Message):
    __slots__ = ("message", "recipient", "recipient_index", "old_state", "state", "is_final", "vendor_code", "vendor_text", "vendor_message_id", "reference", "account")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    OLD_STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    VENDOR_CODE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_TEXT_FIELD_NUMBER: _ClassVar[int]
    VENDOR_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    message: str
    recipient: str
    recipient_index: int
    old_state: _message_service_pb2.DeliveryState
    state: _message_service_pb2.DeliveryState
    is_final: bool
    vendor_code: str
    vendor_text: str
    vendor_message_id: str
    reference: str
    account: str
    def __init__(self, message: _Optional[str] = ..., recipient: _Optional[str] = ..., recipient_index: _Optional[int] = ..., old_state: _Optional[_Union[_message_service_pb2.DeliveryState, str]] = ..., state: _Optional[_Union[_message_service_pb2.DeliveryState, str]] = ..., is_final: bool = ..., vendor_code: _Optional[str] = ..., vendor_text: _Optional[str] = ..., vendor_message_id: _Optional[str] = ..., reference: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class ConsentChanged(_message.Message):
    __slots__ = ("phone_number", "blocked", "origin", "text")
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    phone_number: str
    blocked: bool
    origin: str
    text: str
    def __init__(self, phone_number: _Optional[str] = ..., blocked: bool = ..., origin: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class ConsentSuspected(_message.Message):
    __slots__ = ("phone_number", "text", "received_message")
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    phone_number: str
    text: str
    received_message: str
    def __init__(self, phone_number: _Optional[str] = ..., text: _Optional[str] = ..., received_message: _Optional[str] = ...) -> None: ...

class AccountChanged(_message.Message):
    __slots__ = ("condition", "active", "text")
    class Condition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CONDITION_UNSPECIFIED: _ClassVar[AccountChanged.Condition]
        CONDITION_CREDENTIAL_REFUSED: _ClassVar[AccountChanged.Condition]
        CONDITION_VENDOR_UNAVAILABLE: _ClassVar[AccountChanged.Condition]
        CONDITION_CREDIT_LOW: _ClassVar[AccountChanged.Condition]
        CONDITION_SHARE_REDUCED: _ClassVar[AccountChanged.Condition]
    CONDITION_UNSPECIFIED: AccountChanged.Condition
    CONDITION_CREDENTIAL_REFUSED: AccountChanged.Condition
    CONDITION_VENDOR_UNAVAILABLE: AccountChanged.Condition
    CONDITION_CREDIT_LOW: AccountChanged.Condition
    CONDITION_SHARE_REDUCED: AccountChanged.Condition
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    condition: AccountChanged.Condition
    active: bool
    text: str
    def __init__(self, condition: _Optional[_Union[AccountChanged.Condition, str]] = ..., active: bool = ..., text: _Optional[str] = ...) -> None: ...

class UnreadablePush(_message.Message):
    __slots__ = ("http_method", "content_type", "body", "problem")
    HTTP_METHOD_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    http_method: str
    content_type: str
    body: bytes
    problem: str
    def __init__(self, http_method: _Optional[str] = ..., content_type: _Optional[str] = ..., body: _Optional[bytes] = ..., problem: _Optional[str] = ...) -> None: ...

class WatchEventsRequest(_message.Message):
    __slots__ = ("parent", "types", "resume_token", "start_time", "subscription", "progress_interval", "shard")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SHARD_FIELD_NUMBER: _ClassVar[int]
    parent: str
    types: _containers.RepeatedScalarFieldContainer[EventType]
    resume_token: str
    start_time: _timestamp_pb2.Timestamp
    subscription: str
    progress_interval: _duration_pb2.Duration
    shard: EventShard
    def __init__(self, parent: _Optional[str] = ..., types: _Optional[_Iterable[_Union[EventType, str]]] = ..., resume_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., subscription: _Optional[str] = ..., progress_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., shard: _Optional[_Union[EventShard, _Mapping]] = ...) -> None: ...

class EventShard(_message.Message):
    __slots__ = ("index", "count")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    index: int
    count: int
    def __init__(self, index: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class WatchEventsResponse(_message.Message):
    __slots__ = ("event", "progress", "resume_token", "previous_sequence")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    event: Event
    progress: Progress
    resume_token: str
    previous_sequence: int
    def __init__(self, event: _Optional[_Union[Event, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., resume_token: _Optional[str] = ..., previous_sequence: _Optional[int] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("sequence", "time", "behind")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    BEHIND_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time: _timestamp_pb2.Timestamp
    behind: int
    def __init__(self, sequence: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., behind: _Optional[int] = ...) -> None: ...

class ListEventsRequest(_message.Message):
    __slots__ = ("parent", "types", "page_size", "resume_token", "start_time", "shard")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SHARD_FIELD_NUMBER: _ClassVar[int]
    parent: str
    types: _containers.RepeatedScalarFieldContainer[EventType]
    page_size: int
    resume_token: str
    start_time: _timestamp_pb2.Timestamp
    shard: EventShard
    def __init__(self, parent: _Optional[str] = ..., types: _Optional[_Iterable[_Union[EventType, str]]] = ..., page_size: _Optional[int] = ..., resume_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., shard: _Optional[_Union[EventShard, _Mapping]] = ...) -> None: ...

class ListEventsResponse(_message.Message):
    __slots__ = ("events", "resume_token", "previous_sequence", "sequence", "behind")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    BEHIND_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    resume_token: str
    previous_sequence: int
    sequence: int
    behind: int
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., resume_token: _Optional[str] = ..., previous_sequence: _Optional[int] = ..., sequence: _Optional[int] = ..., behind: _Optional[int] = ...) -> None: ...

class EventSubscription(_message.Message):
    __slots__ = ("name", "types", "create_time", "resume_token", "behind", "webhook", "shard")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    BEHIND_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    SHARD_FIELD_NUMBER: _ClassVar[int]
    name: str
    types: _containers.RepeatedScalarFieldContainer[EventType]
    create_time: _timestamp_pb2.Timestamp
    resume_token: str
    behind: int
    webhook: EventWebhook
    shard: EventShard
    def __init__(self, name: _Optional[str] = ..., types: _Optional[_Iterable[_Union[EventType, str]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resume_token: _Optional[str] = ..., behind: _Optional[int] = ..., webhook: _Optional[_Union[EventWebhook, _Mapping]] = ..., shard: _Optional[_Union[EventShard, _Mapping]] = ...) -> None: ...

class CreateEventSubscriptionRequest(_message.Message):
    __slots__ = ("parent", "event_subscription_id", "types", "resume_token", "start_time", "shard")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    EVENT_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SHARD_FIELD_NUMBER: _ClassVar[int]
    parent: str
    event_subscription_id: str
    types: _containers.RepeatedScalarFieldContainer[EventType]
    resume_token: str
    start_time: _timestamp_pb2.Timestamp
    shard: EventShard
    def __init__(self, parent: _Optional[str] = ..., event_subscription_id: _Optional[str] = ..., types: _Optional[_Iterable[_Union[EventType, str]]] = ..., resume_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., shard: _Optional[_Union[EventShard, _Mapping]] = ...) -> None: ...

class CreateEventSubscriptionResponse(_message.Message):
    __slots__ = ("event_subscription",)
    EVENT_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    event_subscription: EventSubscription
    def __init__(self, event_subscription: _Optional[_Union[EventSubscription, _Mapping]] = ...) -> None: ...

class GetEventSubscriptionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetEventSubscriptionResponse(_message.Message):
    __slots__ = ("event_subscription",)
    EVENT_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    event_subscription: EventSubscription
    def __init__(self, event_subscription: _Optional[_Union[EventSubscription, _Mapping]] = ...) -> None: ...

class ListEventSubscriptionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventSubscriptionsResponse(_message.Message):
    __slots__ = ("event_subscriptions", "next_page_token")
    EVENT_SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    event_subscriptions: _containers.RepeatedCompositeFieldContainer[EventSubscription]
    next_page_token: str
    def __init__(self, event_subscriptions: _Optional[_Iterable[_Union[EventSubscription, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteEventSubscriptionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteEventSubscriptionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AckEventsRequest(_message.Message):
    __slots__ = ("name", "resume_token")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    name: str
    resume_token: str
    def __init__(self, name: _Optional[str] = ..., resume_token: _Optional[str] = ...) -> None: ...

class AckEventsResponse(_message.Message):
    __slots__ = ("event_subscription",)
    EVENT_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    event_subscription: EventSubscription
    def __init__(self, event_subscription: _Optional[_Union[EventSubscription, _Mapping]] = ...) -> None: ...

class EventWebhook(_message.Message):
    __slots__ = ("url", "state", "end_time", "delivered_sequence", "public_keys")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[EventWebhook.State]
        STATE_DELIVERING: _ClassVar[EventWebhook.State]
        STATE_PAUSED: _ClassVar[EventWebhook.State]
        STATE_GONE: _ClassVar[EventWebhook.State]
        STATE_EXPIRED: _ClassVar[EventWebhook.State]
    STATE_UNSPECIFIED: EventWebhook.State
    STATE_DELIVERING: EventWebhook.State
    STATE_PAUSED: EventWebhook.State
    STATE_GONE: EventWebhook.State
    STATE_EXPIRED: EventWebhook.State
    URL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEYS_FIELD_NUMBER: _ClassVar[int]
    url: str
    state: EventWebhook.State
    end_time: _timestamp_pb2.Timestamp
    delivered_sequence: int
    public_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, url: _Optional[str] = ..., state: _Optional[_Union[EventWebhook.State, str]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delivered_sequence: _Optional[int] = ..., public_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class EventWebhookAttempt(_message.Message):
    __slots__ = ("event", "attempt", "time", "duration", "http_status", "problem", "answer")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    HTTP_STATUS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    event: str
    attempt: int
    time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    http_status: int
    problem: str
    answer: str
    def __init__(self, event: _Optional[str] = ..., attempt: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., http_status: _Optional[int] = ..., problem: _Optional[str] = ..., answer: _Optional[str] = ...) -> None: ...

class SetEventWebhookRequest(_message.Message):
    __slots__ = ("name", "url", "signing_secret")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    SIGNING_SECRET_FIELD_NUMBER: _ClassVar[int]
    name: str
    url: str
    signing_secret: str
    def __init__(self, name: _Optional[str] = ..., url: _Optional[str] = ..., signing_secret: _Optional[str] = ...) -> None: ...

class SetEventWebhookResponse(_message.Message):
    __slots__ = ("event_subscription", "signing_secret")
    EVENT_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SIGNING_SECRET_FIELD_NUMBER: _ClassVar[int]
    event_subscription: EventSubscription
    signing_secret: str
    def __init__(self, event_subscription: _Optional[_Union[EventSubscription, _Mapping]] = ..., signing_secret: _Optional[str] = ...) -> None: ...

class RotateEventWebhookSecretRequest(_message.Message):
    __slots__ = ("name", "overlap")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    name: str
    overlap: _duration_pb2.Duration
    def __init__(self, name: _Optional[str] = ..., overlap: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RotateEventWebhookSecretResponse(_message.Message):
    __slots__ = ("signing_secret", "old_secret_end_time")
    SIGNING_SECRET_FIELD_NUMBER: _ClassVar[int]
    OLD_SECRET_END_TIME_FIELD_NUMBER: _ClassVar[int]
    signing_secret: str
    old_secret_end_time: _timestamp_pb2.Timestamp
    def __init__(self, signing_secret: _Optional[str] = ..., old_secret_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RedeliverEventsRequest(_message.Message):
    __slots__ = ("name", "resume_token", "start_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    resume_token: str
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., resume_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RedeliverEventsResponse(_message.Message):
    __slots__ = ("event_subscription",)
    EVENT_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    event_subscription: EventSubscription
    def __init__(self, event_subscription: _Optional[_Union[EventSubscription, _Mapping]] = ...) -> None: ...

class ListEventWebhookAttemptsRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListEventWebhookAttemptsResponse(_message.Message):
    __slots__ = ("attempts",)
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    attempts: _containers.RepeatedCompositeFieldContainer[EventWebhookAttempt]
    def __init__(self, attempts: _Optional[_Iterable[_Union[EventWebhookAttempt, _Mapping]]] = ...) -> None: ...
