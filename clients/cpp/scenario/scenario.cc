// The scenario of ../../scenario/README.md.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <smsmux/v1/account_service.grpc.pb.h>
#include <smsmux/v1/alias_service.pb.h>
#include <smsmux/v1/campaign_service.pb.h>
#include <smsmux/v1/consent_service.pb.h>
#include <smsmux/v1/contact_service.grpc.pb.h>
#include <smsmux/v1/event_service.pb.h>
#include <smsmux/v1/group_service.grpc.pb.h>
#include <smsmux/v1/inbox_service.grpc.pb.h>
#include <smsmux/v1/message_service.grpc.pb.h>
#include <smsmux/v1/number_service.pb.h>
#include <smsmux/v1/stop_list_service.pb.h>
#include <smsmux/v1/subaccount_service.pb.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "client.h"

using namespace smsmux::v1;
using std::chrono::milliseconds;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

void Check(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("not so: " + what);
}

void Step(const std::string& name, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& e) {
    std::cerr << name << ": " << e.what() << std::endl;
    std::exit(1);
  }
  std::cout << "ok " << name << std::endl;
}

std::string NewId() { return "cpp-" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count()); }

namespace {

const std::string kSmsend = "accounts/smsend";
const std::string kRecipient = "+393471234567";

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What a call is made with, unless it says otherwise: the key, and ten seconds.
struct Options {
  bool key = true;
  milliseconds timeout{10'000};

  void Apply(grpc::ClientContext& context) const {
    if (key) context.AddMetadata("authorization", "Bearer " + Variable("SMSMUX_KEY"));
    context.set_deadline(std::chrono::system_clock::now() + timeout);
  }
};

// A unary method of a stub; a request given in braces takes its type from it.
template <class Stub, class Request, class Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

template <class T>
using Same = std::common_type_t<T>;

template <class Service, class Stub, class Request, class Response>
grpc::Status Try(Service& service, Method<Stub, Request, Response> method, const Same<Request>& request,
                 Response& response, const Options& options = {}) {
  grpc::ClientContext context;
  options.Apply(context);
  return (service.*method)(&context, request, &response);
}

// The response of a call that must succeed.
template <class Service, class Stub, class Request, class Response>
Response Call(Service& service, Method<Stub, Request, Response> method, const Same<Request>& request) {
  Response response;
  const grpc::Status status = Try(service, method, request, response);
  if (!status.ok()) throw std::runtime_error(std::to_string(status.error_code()) + ": " + status.error_message());
  return response;
}

// The detail of a type.
template <class Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status rich;
  Check(rich.ParseFromString(status.error_details()), "the details are a google.rpc.Status");
  Detail detail;
  for (const auto& any : rich.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  throw std::runtime_error("no " + Detail::descriptor()->full_name() + " in " + status.error_message());
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Check(file.is_open(), path.string() + " can be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

SendMessageRequest SendRequest(const std::string& recipient) {
  SendMessageRequest request;
  request.set_parent(kSmsend);
  request.add_recipients(recipient);
  request.set_text("Ciao!");
  request.set_message_id(NewId());
  return request;
}

Message Send(MessageService::Stub& messages, const SendMessageRequest& request) {
  return Call(messages, &MessageService::Stub::SendMessage, request).message();
}

Message Get(MessageService::Stub& messages, const std::string& name) {
  GetMessageRequest request;
  request.set_name(name);
  return Call(messages, &MessageService::Stub::GetMessage, request).message();
}

void CheckGolden(const std::filesystem::path& binpb) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      "smsmux.v1." + binpb.stem().string());
  Check(type != nullptr, "there is a message of the name " + binpb.stem().string());
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  const std::string bytes = ReadFile(binpb);

  std::unique_ptr<google::protobuf::Message> message(prototype->New());
  Check(message->ParseFromString(bytes), binpb.string() + " is decoded");
  Check(message->SerializeAsString() == bytes, binpb.string() + " is encoded to the same bytes");

  auto json = binpb;
  json.replace_extension("json");
  message->Clear();
  const auto status = google::protobuf::util::JsonStringToMessage(ReadFile(json), message.get());
  Check(status.ok(), json.string() + " is read: " + status.ToString());
  Check(message->SerializeAsString() == bytes, json.string() + " is encoded to the bytes of the other");
}

void Run() {
  auto channel = grpc::CreateChannel(Variable("SMSMUX_ADDRESS"), grpc::InsecureChannelCredentials());
  AccountService::Stub accounts(channel);
  ContactService::Stub contacts(channel);
  GroupService::Stub groups(channel);
  InboxService::Stub inbox(channel);
  MessageService::Stub messages(channel);

  Step("accounts", [&] {
    const auto response = Call(accounts, &AccountService::Stub::ListAccounts, {});
    const auto& list = response.accounts();
    const auto account = std::find_if(list.begin(), list.end(), [](const auto& each) { return each.name() == kSmsend; });
    Check(account != list.end(), kSmsend + " is there");
    const auto& methods = account->methods();
    Check(std::find(methods.begin(), methods.end(), "smsmux.v1.MessageService/SendMessage") != methods.end(), "it sends");
  });

  Message sent;
  Step("send", [&] {
    const auto request = SendRequest(kRecipient);
    sent = Send(messages, request);
    Check(EndsWith(sent.name(), request.message_id()), sent.name() + " ends in " + request.message_id());
    Check(sent.recipients_size() == 1, "one recipient");
    Check(sent.recipients(0).state() == DELIVERY_STATE_QUEUED, "its state is QUEUED");
  });

  Step("status", [&] {
    Recipient recipient;
    for (int i = 0; i < 10 && recipient.state() != DELIVERY_STATE_DELIVERED; i++) {
      recipient = Get(messages, sent.name()).recipients(0);
    }
    Check(recipient.state() == DELIVERY_STATE_DELIVERED, "it is delivered");
    Check(recipient.vendor_code() == "DLVRD", "vendor_code is DLVRD");
  });

  Step("pages", [&] {
    const auto second = Send(messages, SendRequest(kRecipient));
    std::set<std::string> names;
    ListVendorMessagesRequest request;
    request.set_parent(kSmsend);
    request.set_page_size(1);
    do {
      const auto page = Call(messages, &MessageService::Stub::ListVendorMessages, request);
      for (const auto& message : page.messages()) Check(names.insert(message.name()).second, message.name() + " comes once");
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    for (const auto& name : {sent.name(), second.name()}) Check(names.count(name) == 1, name + " is listed");
  });

  Step("group", [&] {
    CreateGroupRequest create;
    create.set_parent(kSmsend);
    create.mutable_group()->set_display_name("C++");
    create.mutable_group()->set_description("d");
    DeleteGroupRequest remove;
    remove.set_name(Call(groups, &GroupService::Stub::CreateGroup, create).group().name());
    Call(groups, &GroupService::Stub::DeleteGroup, remove);
  });

  Step("watch", [&] {
    WatchReceivedMessagesRequest request;
    request.set_parent(kSmsend);
    request.mutable_start_time()->set_seconds(1462233600);  // 2016-05-03T00:00:00Z
    grpc::ClientContext context;
    Options().Apply(context);
    const auto stream = inbox.WatchReceivedMessages(&context, request);
    for (int i = 0; i < 2; i++) {
      WatchReceivedMessagesResponse received;
      if (!stream->Read(&received)) throw std::runtime_error(stream->Finish().error_message());
      Check(!received.message().name().empty(), "it has a name");
      Check(!received.message().to().empty(), "it has a to");
      Check(!received.resume_token().empty(), "it has a resume_token");
    }
    context.TryCancel();
    WatchReceivedMessagesResponse ignored;
    while (stream->Read(&ignored)) {
    }
    Check(stream->Finish().error_code() == grpc::StatusCode::CANCELLED, "the stream is cancelled");
  });

  Step("bad-number", [&] {
    SendMessageResponse response;
    const auto status = Try(messages, &MessageService::Stub::SendMessage, SendRequest("12"), response);
    Check(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT, "the code is INVALID_ARGUMENT");
    const auto info = DetailOf<google::rpc::ErrorInfo>(status);
    Check(info.reason() == "INVALID_REQUEST", "the reason is INVALID_REQUEST");
    Check(info.domain() == "smsmux", "the domain is smsmux");
    Check(info.metadata().at("outcome") == "NOT_SENT", "the outcome is NOT_SENT");
    const auto request = DetailOf<google::rpc::BadRequest>(status);
    Check(request.field_violations_size() == 1, "one violation");
    Check(request.field_violations(0).field() == "recipients[0]", "of the field recipients[0]");
  });

  Step("deadline", [&] {
    GetMessageRequest request;
    request.set_name("accounts/slow/messages/x");
    GetMessageResponse response;
    Options options;
    options.timeout = milliseconds(300);
    const auto status = Try(messages, &MessageService::Stub::GetMessage, request, response, options);
    Check(status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED, "the code is DEADLINE_EXCEEDED");
  });

  Step("no-key", [&] {
    ListAccountsResponse response;
    Options options;
    options.key = false;
    const auto status = Try(accounts, &AccountService::Stub::ListAccounts, {}, response, options);
    Check(status.error_code() == grpc::StatusCode::UNAUTHENTICATED, "the code is UNAUTHENTICATED");
    Check(DetailOf<google::rpc::ErrorInfo>(status).reason() == "CALLER_NOT_AUTHENTICATED",
          "the reason is CALLER_NOT_AUTHENTICATED");
  });

  Step("unicode", [&] {
    const std::string text = "Perché Ж 😀";
    SendMessageRequest send;
    send.set_parent("accounts/lox24");
    send.add_recipients("+4915123456789");
    send.set_sender("smsmux");
    send.set_text(text);
    const auto id = Send(messages, send).recipients(0).vendor_message_id();
    Check(Get(messages, send.parent() + "/messages/" + id).text() == text, "the text is the same");
    AnalyzeMessageRequest analyze;
    *analyze.mutable_message() = send;
    const auto analysis = Call(messages, &MessageService::Stub::AnalyzeMessage, analyze);
    const std::vector<std::string> characters(analysis.ucs_2_characters().begin(), analysis.ucs_2_characters().end());
    Check(characters == std::vector<std::string>{"Ж", "😀"}, "ucs_2_characters are Ж and 😀");
  });

  Step("int64", [&] {
    auto request = SendRequest(kRecipient);
    request.mutable_smsend()->set_return_remaining(true);
    const auto with = Send(messages, request);
    static_assert(std::is_same_v<decltype(with.credits_remaining()), std::int64_t>);
    Check(with.has_credits_remaining(), "credits_remaining is present");
    Check(with.credits_remaining() > 0, "credits_remaining is above 0");
    Check(!Send(messages, SendRequest(kRecipient)).has_credits_remaining(), "credits_remaining is absent");
  });

  Step("optional", [&] {
    CreateContactRequest create;
    create.set_parent(kSmsend);
    create.mutable_contact()->set_email(NewId() + "@example.com");
    create.mutable_contact()->set_given_name("C++");
    GetContactRequest get;
    get.set_name(Call(contacts, &ContactService::Stub::CreateContact, create).contact().name());
    const auto contact = Call(contacts, &ContactService::Stub::GetContact, get).contact();
    Check(contact.has_given_name() && contact.given_name() == "C++", "given_name is present");
    Check(!contact.has_fax(), "fax is absent");
  });

  Step("golden", [&] {
    // The linker leaves out of a static library what nobody names: these bring their files in.
    for (const auto* type : {Alias::descriptor(), ConsentEvidence::descriptor(), Event::descriptor(), Issue::descriptor(),
                             Number::descriptor(), StopListEntry::descriptor(), Subaccount::descriptor()}) {
      Check(type != nullptr, "there is a descriptor");
    }
    int vectors = 0;
    for (const auto& entry : std::filesystem::directory_iterator(Variable("SMSMUX_TESTDATA"))) {
      if (entry.path().extension() != ".binpb") continue;
      CheckGolden(entry.path());
      vectors++;
    }
    Check(vectors > 0, "there are vectors");
  });
}

}  // namespace

int main() {
  std::cout << "version c++ " << __cplusplus / 100 % 100 << ", gcc " << __VERSION__ << ", grpc " << grpc::Version()
            << ", protobuf " << google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION) << std::endl;
  Run();
  RunWithClient();
}
