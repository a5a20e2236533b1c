import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from smsmux.v1 import account_service_pb2 as _account_service_pb2
from smsmux.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreditSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CREDIT_SOURCE_UNSPECIFIED: _ClassVar[CreditSource]
    CREDIT_SOURCE_OWN: _ClassVar[CreditSource]
    CREDIT_SOURCE_SUPERACCOUNT: _ClassVar[CreditSource]
    CREDIT_SOURCE_BOTH: _ClassVar[CreditSource]
CREDIT_SOURCE_UNSPECIFIED: CreditSource
CREDIT_SOURCE_OWN: CreditSource
CREDIT_SOURCE_SUPERACCOUNT: CreditSource
CREDIT_SOURCE_BOTH: CreditSource

class Subaccount(_message.Message):
    __slots__ = ("name", "login", "password", "given_name", "family_name", "email", "invoicing_email", "address", "city", "province", "postal_code", "mobile_number", "phone_number", "fax", "company", "company_name", "vat_number", "tax_code", "credit_source", "vendor_credit_source", "european_dates", "use_24_hours", "language_code", "test_number", "superaccount", "profile_id", "user_id", "active", "activation_date", "create_date", "legal_agreement_date", "legal_agreement_version", "alias_validation_allowed", "public_administration_code", "credits_sum_text", "credits", "default_message_type", "default_nation", "foreign", "max_subaccounts", "partner", "partner_code", "preferred_sender", "private", "referral", "shop_cart_check", "split_payment", "subaccount", "subaccount_types", "superaccount_name", "user_nation")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    INVOICING_EMAIL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    MOBILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FAX_FIELD_NUMBER: _ClassVar[int]
    COMPANY_FIELD_NUMBER: _ClassVar[int]
    COMPANY_NAME_FIELD_NUMBER: _ClassVar[int]
    VAT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    CREDIT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    VENDOR_CREDIT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    EUROPEAN_DATES_FIELD_NUMBER: _ClassVar[int]
    USE_24_HOURS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TEST_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SUPERACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_DATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_DATE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_AGREEMENT_DATE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_AGREEMENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    ALIAS_VALIDATION_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_ADMINISTRATION_CODE_FIELD_NUMBER: _ClassVar[int]
    CREDITS_SUM_TEXT_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_NATION_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_FIELD_NUMBER: _ClassVar[int]
    MAX_SUBACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    PARTNER_CODE_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_SENDER_FIELD_NUMBER: _ClassVar[int]
    PRIVATE_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    SHOP_CART_CHECK_FIELD_NUMBER: _ClassVar[int]
    SPLIT_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    SUBACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SUBACCOUNT_TYPES_FIELD_NUMBER: _ClassVar[int]
    SUPERACCOUNT_NAME_FIELD_NUMBER: _ClassVar[int]
    USER_NATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    login: str
    password: str
    given_name: str
    family_name: str
    email: str
    invoicing_email: str
    address: str
    city: str
    province: str
    postal_code: str
    mobile_number: str
    phone_number: str
    fax: str
    company: bool
    company_name: str
    vat_number: str
    tax_code: str
    credit_source: CreditSource
    vendor_credit_source: int
    european_dates: bool
    use_24_hours: bool
    language_code: str
    test_number: str
    superaccount: bool
    profile_id: int
    user_id: int
    active: bool
    activation_date: str
    create_date: str
    legal_agreement_date: str
    legal_agreement_version: int
    alias_validation_allowed: bool
    public_administration_code: str
    credits_sum_text: str
    credits: _containers.RepeatedCompositeFieldContainer[_account_service_pb2.Credit]
    default_message_type: str
    default_nation: str
    foreign: bool
    max_subaccounts: int
    partner: bool
    partner_code: str
    preferred_sender: str
    private: bool
    referral: bool
    shop_cart_check: bool
    split_payment: bool
    subaccount: bool
    subaccount_types: int
    superaccount_name: str
    user_nation: str
    def __init__(self, name: _Optional[str] = ..., login: _Optional[str] = ..., password: _Optional[str] = ..., given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., email: _Optional[str] = ..., invoicing_email: _Optional[str] = ..., address: _Optional[str] = ..., city: _Optional[str] = ..., province: _Optional[str] = ..., postal_code: _Optional[str] = ..., mobile_number: _Optional[str] = ..., phone_number: _Optional[str] = ..., fax: _Optional[str] = ..., company: bool = ..., company_name: _Optional[str] = ..., vat_number: _Optional[str] = ..., tax_code: _Optional[str] = ..., credit_source: _Optional[_Union[CreditSource, str]] = ..., vendor_credit_source: _Optional[int] = ..., european_dates: bool = ..., use_24_hours: bool = ..., language_code: _Optional[str] = ..., test_number: _Optional[str] = ..., superaccount: bool = ..., profile_id: _Optional[int] = ..., user_id: _Optional[int] = ..., active: bool = ..., activation_date: _Optional[str] = ..., create_date: _Optional[str] = ..., legal_agreement_date: _Optional[str] = ..., legal_agreement_version: _Optional[int] = ..., alias_validation_allowed: bool = ..., public_administration_code: _Optional[str] = ..., credits_sum_text: _Optional[str] = ..., credits: _Optional[_Iterable[_Union[_account_service_pb2.Credit, _Mapping]]] = ..., default_message_type: _Optional[str] = ..., default_nation: _Optional[str] = ..., foreign: bool = ..., max_subaccounts: _Optional[int] = ..., partner: bool = ..., partner_code: _Optional[str] = ..., preferred_sender: _Optional[str] = ..., private: bool = ..., referral: bool = ..., shop_cart_check: bool = ..., split_payment: bool = ..., subaccount: bool = ..., subaccount_types: _Optional[int] = ..., superaccount_name: _Optional[str] = ..., user_nation: _Optional[str] = ...) -> None: ...

class CreditTransfer(_message.Message):
    __slots__ = ("message_type", "amount", "to_superaccount")
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    TO_SUPERACCOUNT_FIELD_NUMBER: _ClassVar[int]
    message_type: str
    amount: int
    to_superaccount: bool
    def __init__(self, message_type: _Optional[str] = ..., amount: _Optional[int] = ..., to_superaccount: bool = ...) -> None: ...

class Purchase(_message.Message):
    __slots__ = ("name", "to_superaccount", "price", "unit_prices", "amount", "available", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TO_SUPERACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICES_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    to_superaccount: bool
    price: str
    unit_prices: _containers.RepeatedCompositeFieldContainer[UnitPrice]
    amount: str
    available: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., to_superaccount: bool = ..., price: _Optional[str] = ..., unit_prices: _Optional[_Iterable[_Union[UnitPrice, _Mapping]]] = ..., amount: _Optional[str] = ..., available: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UnitPrice(_message.Message):
    __slots__ = ("message_type", "price")
    MESSAGE_TYPE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    message_type: str
    price: str
    def __init__(self, message_type: _Optional[str] = ..., price: _Optional[str] = ...) -> None: ...

class ListSubaccountsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSubaccountsResponse(_message.Message):
    __slots__ = ("subaccounts", "next_page_token", "total_size")
    SUBACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    subaccounts: _containers.RepeatedCompositeFieldContainer[Subaccount]
    next_page_token: str
    total_size: int
    def __init__(self, subaccounts: _Optional[_Iterable[_Union[Subaccount, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class CreateSubaccountRequest(_message.Message):
    __slots__ = ("parent", "subaccount")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    SUBACCOUNT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    subaccount: Subaccount
    def __init__(self, parent: _Optional[str] = ..., subaccount: _Optional[_Union[Subaccount, _Mapping]] = ...) -> None: ...

class CreateSubaccountResponse(_message.Message):
    __slots__ = ("subaccount",)
    SUBACCOUNT_FIELD_NUMBER: _ClassVar[int]
    subaccount: Subaccount
    def __init__(self, subaccount: _Optional[_Union[Subaccount, _Mapping]] = ...) -> None: ...

class UpdateSubaccountRequest(_message.Message):
    __slots__ = ("subaccount", "lock")
    SUBACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LOCK_FIELD_NUMBER: _ClassVar[int]
    subaccount: Subaccount
    lock: bool
    def __init__(self, subaccount: _Optional[_Union[Subaccount, _Mapping]] = ..., lock: bool = ...) -> None: ...

class UpdateSubaccountResponse(_message.Message):
    __slots__ = ("subaccount",)
    SUBACCOUNT_FIELD_NUMBER: _ClassVar[int]
    subaccount: Subaccount
    def __init__(self, subaccount: _Optional[_Union[Subaccount, _Mapping]] = ...) -> None: ...

class ChangeSubaccountPasswordRequest(_message.Message):
    __slots__ = ("name", "new_password")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NEW_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    name: str
    new_password: str
    def __init__(self, name: _Optional[str] = ..., new_password: _Optional[str] = ...) -> None: ...

class ChangeSubaccountPasswordResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetSubaccountRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSubaccountResponse(_message.Message):
    __slots__ = ("subaccount",)
    SUBACCOUNT_FIELD_NUMBER: _ClassVar[int]
    subaccount: Subaccount
    def __init__(self, subaccount: _Optional[_Union[Subaccount, _Mapping]] = ...) -> None: ...

class TransferCreditsRequest(_message.Message):
    __slots__ = ("name", "transfers")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TRANSFERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    transfers: _containers.RepeatedCompositeFieldContainer[CreditTransfer]
    def __init__(self, name: _Optional[str] = ..., transfers: _Optional[_Iterable[_Union[CreditTransfer, _Mapping]]] = ...) -> None: ...

class TransferCreditsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetSubaccountCreditsRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSubaccountCreditsResponse(_message.Message):
    __slots__ = ("credits",)
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    credits: _containers.RepeatedCompositeFieldContainer[_account_service_pb2.Credit]
    def __init__(self, credits: _Optional[_Iterable[_Union[_account_service_pb2.Credit, _Mapping]]] = ...) -> None: ...

class ListPurchasesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPurchasesResponse(_message.Message):
    __slots__ = ("purchases", "next_page_token", "total_size")
    PURCHASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    purchases: _containers.RepeatedCompositeFieldContainer[Purchase]
    next_page_token: str
    total_size: int
    def __init__(self, purchases: _Optional[_Iterable[_Union[Purchase, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class CreatePurchasesRequest(_message.Message):
    __slots__ = ("parent", "purchases")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PURCHASES_FIELD_NUMBER: _ClassVar[int]
    parent: str
    purchases: _containers.RepeatedCompositeFieldContainer[Purchase]
    def __init__(self, parent: _Optional[str] = ..., purchases: _Optional[_Iterable[_Union[Purchase, _Mapping]]] = ...) -> None: ...

class CreatePurchasesResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeletePurchaseRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeletePurchaseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
