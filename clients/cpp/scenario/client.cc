// The steps of ../../scenario/README.md with the client.

#include "client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <smsmux/client.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>

using namespace smsmux::v1;

namespace {

const std::string kParent = "accounts/harness";

// An answer of the harness: its body and, by their names, its headers.
struct Answer {
  std::string body;
  std::map<std::string, std::string> headers;
};

Answer Harness(const std::string& command) {
  const std::string url = Variable("SMSMUX_HARNESS") + "/" + command;
  FILE* curl = popen(("curl --silent --include --noproxy '*' '" + url + "'").c_str(), "r");
  Check(curl != nullptr, "curl starts");
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, curl)) > 0;) text.append(buffer, n);
  Check(pclose(curl) == 0, "the harness answers " + command);
  Answer answer;
  const auto end = text.find("\r\n\r\n");
  answer.body = text.substr(end + 4);
  for (std::size_t at = 0; at < end;) {
    const auto line = text.substr(at, text.find("\r\n", at) - at);
    const auto colon = line.find(": ");
    if (colon != std::string::npos) answer.headers[line.substr(0, colon)] = line.substr(colon + 2);
    at += line.size() + 2;
  }
  return answer;
}

SendMessageRequest Sms(const std::string& text, const std::string& recipient = "+4915123456789") {
  auto request = smsmux::TextMessage(kParent, {recipient}, text);
  request.set_sender("smsmux");
  return request;
}

void SentTimes(const std::string& text, const std::string& times) {
  const auto space = text.find(' ');
  const auto found = Harness("sent/" + text.substr(0, space) + "%20" + text.substr(space + 1)).body;
  Check(found == times, "sent " + times + " times, not " + found);
}

smsmux::Error Failure(const smsmux::Client& client, const SendMessageRequest& request) {
  try {
    client.Call(&MessageService::Stub::SendMessage, request);
  } catch (const smsmux::Error& error) {
    return error;
  }
  throw std::runtime_error("the call succeeded");
}

// The place of an answer in the log.
std::int64_t Sequence(const WatchEventsResponse& answer) {
  return answer.has_event() ? answer.event().sequence() : answer.progress().sequence();
}

std::string FromBase64(const std::string& text) {
  std::string bytes(text.size(), '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  Check(n > 0, "the secret is base64");
  bytes.resize(n - std::count(text.begin(), text.end(), '='));
  return bytes;
}

// Verifies by Standard Webhooks, which has no library for C++.
bool IsVerified(const std::string& secret, const std::string& body, const std::map<std::string, std::string>& headers) {
  const std::string key = FromBase64(secret.substr(std::string("whsec_").size()));
  const std::string time = headers.at("webhook-timestamp");
  const std::string text = headers.at("webhook-id") + "." + time + "." + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &size);
  unsigned char signature[2 * EVP_MAX_MD_SIZE];
  EVP_EncodeBlock(signature, digest, static_cast<int>(size));
  const std::string expected = std::string("v1,") + reinterpret_cast<char*>(signature);
  const bool is_new = std::abs(std::time(nullptr) - std::stol(time)) < 300;
  return is_new && (" " + headers.at("webhook-signature") + " ").find(" " + expected + " ") != std::string::npos;
}

}  // namespace

void RunWithClient() {
  smsmux::Config config;
  config.address = "https://" + Harness("server").body;
  config.ca = Variable("SMSMUX_HARNESS_CA");
  const smsmux::Client client(config);

  Step("rate-limited", [&] {
    const auto text = "busy " + NewId();
    client.Call(&MessageService::Stub::SendMessage, Sms(text));
    SentTimes(text, "2");
  });

  Step("cut", [&] {
    const auto text = "cut " + NewId();
    smsmux::Config cut;
    cut.address = Harness("cut/" + Variable("SMSMUX_ADDRESS")).body;
    smsmux::Client(cut).Call(&MessageService::Stub::SendMessage, Sms(text));
    SentTimes(text, "1");
  });

  Step("unknown", [&] {
    const auto text = "unknown " + NewId();
    const auto error = Failure(client, Sms(text));
    Check(error.reason == "OUTCOME_UNKNOWN" && error.outcome == "UNKNOWN", std::string("not ") + error.what());
    Check(error.resource.rfind(kParent + "/messages/", 0) == 0, "not " + error.resource);
    Check(!error.request_id.empty(), "there is a request id");
    SentTimes(text, "1");
  });

  Step("violations", [&] {
    const auto error = Failure(client, Sms("Ciao!", "12"));
    Check(error.reason == "INVALID_REQUEST" && error.outcome == "NOT_SENT", std::string("not ") + error.what());
    Check(error.violations.size() == 1 && error.violations[0].field() == "recipients[0]", "of recipients[0]");
  });

  Step("plain-text", [&] {
    smsmux::Config plain;
    plain.address = "http://192.0.2.1:50051";
    try {
      smsmux::Client{plain};
    } catch (const std::invalid_argument&) {
      return;
    }
    throw std::runtime_error("the key would be sent in plain text");
  });

  Step("pager", [&] {
    client.Call(&MessageService::Stub::SendMessage, Sms("pager " + NewId()));
    ListMessagesRequest request;
    request.set_parent(kParent);
    request.set_page_size(1);
    int pages = 0;
    std::set<std::string> names;
    client.Pages(&MessageService::Stub::ListMessages, request, [&](const ListMessagesResponse& page) {
      pages++;
      for (const auto& message : page.messages()) Check(names.insert(message.name()).second, "once: " + message.name());
    });
    Check(pages >= 2, "two pages or more");
  });

  Step("restart", [&] {
    WatchEventsRequest request;
    request.set_parent(kParent);
    std::int64_t place = -1;
    int events = 0;
    client.Watch(&EventService::Stub::WatchEvents, request, [&](const WatchEventsResponse& answer) {
      Check(place < 0 || answer.previous_sequence() == place, "nothing is left out");
      if (answer.has_event()) events++;
      if (answer.has_event() && events == 1) Harness("restart");
      if (place < 0 || (answer.has_event() && events == 1)) {
        client.Call(&MessageService::Stub::SendMessage, Sms("watch " + NewId()));
      }
      place = Sequence(answer);
      return events < 2;
    });
    Check(events == 2, "two events");
  });

  Step("webhook", [&] {
    const auto id = NewId();
    CreateEventSubscriptionRequest create;
    create.set_parent(kParent);
    create.set_event_subscription_id(id);
    const auto name =
        client.Call(&EventService::Stub::CreateEventSubscription, create).event_subscription().name();
    SetEventWebhookRequest set;
    set.set_name(name);
    set.set_url(Variable("SMSMUX_HARNESS") + "/hooks/" + id);
    const auto secret = client.Call(&EventService::Stub::SetEventWebhook, set).signing_secret();
    client.Call(&MessageService::Stub::SendMessage, Sms("webhook " + NewId()));
    const auto delivered = Harness("hooks/" + id);
    Check(IsVerified(secret, delivered.body, delivered.headers), "the signature is good");
    Check(!IsVerified(secret, delivered.body + " ", delivered.headers), "that of another body is not");
    Check(delivered.body.find("\"smsmux.message.") != std::string::npos, "it tells of a message: " + delivered.body);
    DeleteEventSubscriptionRequest remove;
    remove.set_name(name);
    client.Call(&EventService::Stub::DeleteEventSubscription, remove);
  });
}
