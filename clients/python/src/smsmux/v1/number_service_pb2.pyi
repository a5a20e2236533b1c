import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProvisioningState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROVISIONING_STATE_UNSPECIFIED: _ClassVar[ProvisioningState]
    PROVISIONING_STATE_REQUESTED: _ClassVar[ProvisioningState]
    PROVISIONING_STATE_PROVISIONING: _ClassVar[ProvisioningState]
    PROVISIONING_STATE_PROVISIONED: _ClassVar[ProvisioningState]
    PROVISIONING_STATE_DEREQUESTED: _ClassVar[ProvisioningState]
    PROVISIONING_STATE_DEPROVISIONING: _ClassVar[ProvisioningState]
    PROVISIONING_STATE_ERROR: _ClassVar[ProvisioningState]
PROVISIONING_STATE_UNSPECIFIED: ProvisioningState
PROVISIONING_STATE_REQUESTED: ProvisioningState
PROVISIONING_STATE_PROVISIONING: ProvisioningState
PROVISIONING_STATE_PROVISIONED: ProvisioningState
PROVISIONING_STATE_DEREQUESTED: ProvisioningState
PROVISIONING_STATE_DEPROVISIONING: ProvisioningState
PROVISIONING_STATE_ERROR: ProvisioningState

class Number(_message.Message):
    __slots__ = ("name", "phone_number", "state", "vendor_state", "webhook_url")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_STATE_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_URL_FIELD_NUMBER: _ClassVar[int]
    name: str
    phone_number: str
    state: ProvisioningState
    vendor_state: str
    webhook_url: str
    def __init__(self, name: _Optional[str] = ..., phone_number: _Optional[str] = ..., state: _Optional[_Union[ProvisioningState, str]] = ..., vendor_state: _Optional[str] = ..., webhook_url: _Optional[str] = ...) -> None: ...

class PhoneServiceSettings(_message.Message):
    __slots__ = ("email", "plain_email", "callback_url")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PLAIN_EMAIL_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_URL_FIELD_NUMBER: _ClassVar[int]
    email: str
    plain_email: bool
    callback_url: str
    def __init__(self, email: _Optional[str] = ..., plain_email: bool = ..., callback_url: _Optional[str] = ...) -> None: ...

class PhoneService(_message.Message):
    __slots__ = ("settings", "phone_number", "phone_number_prefix", "service_type_id", "display_name", "vendor_status", "vendor_status_text", "start_time", "end_time")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_PREFIX_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TYPE_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    VENDOR_STATUS_FIELD_NUMBER: _ClassVar[int]
    VENDOR_STATUS_TEXT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    settings: PhoneServiceSettings
    phone_number: str
    phone_number_prefix: str
    service_type_id: int
    display_name: str
    vendor_status: int
    vendor_status_text: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, settings: _Optional[_Union[PhoneServiceSettings, _Mapping]] = ..., phone_number: _Optional[str] = ..., phone_number_prefix: _Optional[str] = ..., service_type_id: _Optional[int] = ..., display_name: _Optional[str] = ..., vendor_status: _Optional[int] = ..., vendor_status_text: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ProvisionNumberRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ProvisionNumberResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeprovisionNumberRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeprovisionNumberResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetNumberProvisioningRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetNumberProvisioningResponse(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: Number
    def __init__(self, number: _Optional[_Union[Number, _Mapping]] = ...) -> None: ...

class SetNumberWebhookRequest(_message.Message):
    __slots__ = ("name", "webhook_url")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_URL_FIELD_NUMBER: _ClassVar[int]
    name: str
    webhook_url: str
    def __init__(self, name: _Optional[str] = ..., webhook_url: _Optional[str] = ...) -> None: ...

class SetNumberWebhookResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetNumberWebhookRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetNumberWebhookResponse(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: Number
    def __init__(self, number: _Optional[_Union[Number, _Mapping]] = ...) -> None: ...

class UpdatePhoneServiceSettingsRequest(_message.Message):
    __slots__ = ("name", "settings")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    settings: PhoneServiceSettings
    def __init__(self, name: _Optional[str] = ..., settings: _Optional[_Union[PhoneServiceSettings, _Mapping]] = ...) -> None: ...

class UpdatePhoneServiceSettingsResponse(_message.Message):
    __slots__ = ("phone_service",)
    PHONE_SERVICE_FIELD_NUMBER: _ClassVar[int]
    phone_service: PhoneService
    def __init__(self, phone_service: _Optional[_Union[PhoneService, _Mapping]] = ...) -> None: ...
