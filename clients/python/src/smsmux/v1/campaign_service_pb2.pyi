import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import contact_service_pb2 as _contact_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MailingListState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MAILING_LIST_STATE_UNSPECIFIED: _ClassVar[MailingListState]
    MAILING_LIST_STATE_ACTIVE: _ClassVar[MailingListState]
    MAILING_LIST_STATE_ARCHIVED: _ClassVar[MailingListState]
    MAILING_LIST_STATE_TO_BE_ACTIVATED: _ClassVar[MailingListState]
MAILING_LIST_STATE_UNSPECIFIED: MailingListState
MAILING_LIST_STATE_ACTIVE: MailingListState
MAILING_LIST_STATE_ARCHIVED: MailingListState
MAILING_LIST_STATE_TO_BE_ACTIVATED: MailingListState

class MailingList(_message.Message):
    __slots__ = ("name", "display_name", "language_code", "sender_email", "reply_to_email", "company_name", "company_address", "company_url", "company_phone", "company_fax", "state")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    SENDER_EMAIL_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_EMAIL_FIELD_NUMBER: _ClassVar[int]
    COMPANY_NAME_FIELD_NUMBER: _ClassVar[int]
    COMPANY_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    COMPANY_URL_FIELD_NUMBER: _ClassVar[int]
    COMPANY_PHONE_FIELD_NUMBER: _ClassVar[int]
    COMPANY_FAX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    language_code: str
    sender_email: str
    reply_to_email: str
    company_name: str
    company_address: str
    company_url: str
    company_phone: str
    company_fax: str
    state: MailingListState
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., language_code: _Optional[str] = ..., sender_email: _Optional[str] = ..., reply_to_email: _Optional[str] = ..., company_name: _Optional[str] = ..., company_address: _Optional[str] = ..., company_url: _Optional[str] = ..., company_phone: _Optional[str] = ..., company_fax: _Optional[str] = ..., state: _Optional[_Union[MailingListState, str]] = ...) -> None: ...

class Issue(_message.Message):
    __slots__ = ("name", "title", "subject", "share_social", "web_analytics", "text_content", "html_content", "attachments")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SHARE_SOCIAL_FIELD_NUMBER: _ClassVar[int]
    WEB_ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    TEXT_CONTENT_FIELD_NUMBER: _ClassVar[int]
    HTML_CONTENT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    subject: str
    share_social: bool
    web_analytics: str
    text_content: str
    html_content: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., subject: _Optional[str] = ..., share_social: bool = ..., web_analytics: _Optional[str] = ..., text_content: _Optional[str] = ..., html_content: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("file_name", "content")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    content: bytes
    def __init__(self, file_name: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class CreateMailingListRequest(_message.Message):
    __slots__ = ("parent", "mailing_list")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    MAILING_LIST_FIELD_NUMBER: _ClassVar[int]
    parent: str
    mailing_list: MailingList
    def __init__(self, parent: _Optional[str] = ..., mailing_list: _Optional[_Union[MailingList, _Mapping]] = ...) -> None: ...

class CreateMailingListResponse(_message.Message):
    __slots__ = ("mailing_list",)
    MAILING_LIST_FIELD_NUMBER: _ClassVar[int]
    mailing_list: MailingList
    def __init__(self, mailing_list: _Optional[_Union[MailingList, _Mapping]] = ...) -> None: ...

class UpdateMailingListRequest(_message.Message):
    __slots__ = ("mailing_list",)
    MAILING_LIST_FIELD_NUMBER: _ClassVar[int]
    mailing_list: MailingList
    def __init__(self, mailing_list: _Optional[_Union[MailingList, _Mapping]] = ...) -> None: ...

class UpdateMailingListResponse(_message.Message):
    __slots__ = ("mailing_list",)
    MAILING_LIST_FIELD_NUMBER: _ClassVar[int]
    mailing_list: MailingList
    def __init__(self, mailing_list: _Optional[_Union[MailingList, _Mapping]] = ...) -> None: ...

class SubscribeContactRequest(_message.Message):
    __slots__ = ("name", "contact", "send_opt_in")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    SEND_OPT_IN_FIELD_NUMBER: _ClassVar[int]
    name: str
    contact: _contact_service_pb2.Contact
    send_opt_in: bool
    def __init__(self, name: _Optional[str] = ..., contact: _Optional[_Union[_contact_service_pb2.Contact, _Mapping]] = ..., send_opt_in: bool = ...) -> None: ...

class SubscribeContactResponse(_message.Message):
    __slots__ = ("contact",)
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_service_pb2.Contact
    def __init__(self, contact: _Optional[_Union[_contact_service_pb2.Contact, _Mapping]] = ...) -> None: ...

class SubscribeGroupRequest(_message.Message):
    __slots__ = ("name", "group", "send_opt_in")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    SEND_OPT_IN_FIELD_NUMBER: _ClassVar[int]
    name: str
    group: str
    send_opt_in: bool
    def __init__(self, name: _Optional[str] = ..., group: _Optional[str] = ..., send_opt_in: bool = ...) -> None: ...

class SubscribeGroupResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreateIssueRequest(_message.Message):
    __slots__ = ("parent", "issue")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    parent: str
    issue: Issue
    def __init__(self, parent: _Optional[str] = ..., issue: _Optional[_Union[Issue, _Mapping]] = ...) -> None: ...

class CreateIssueResponse(_message.Message):
    __slots__ = ("issue",)
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    issue: Issue
    def __init__(self, issue: _Optional[_Union[Issue, _Mapping]] = ...) -> None: ...

class CreateIssueFromTemplateRequest(_message.Message):
    __slots__ = ("parent", "template_id", "title", "subject")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    template_id: str
    title: str
    subject: str
    def __init__(self, parent: _Optional[str] = ..., template_id: _Optional[str] = ..., title: _Optional[str] = ..., subject: _Optional[str] = ...) -> None: ...

class CreateIssueFromTemplateResponse(_message.Message):
    __slots__ = ("issue",)
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    issue: Issue
    def __init__(self, issue: _Optional[_Union[Issue, _Mapping]] = ...) -> None: ...

class SendIssueRequest(_message.Message):
    __slots__ = ("name", "contacts", "schedule_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    contacts: _containers.RepeatedScalarFieldContainer[str]
    schedule_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., contacts: _Optional[_Iterable[str]] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SendIssueResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
